"""LibTorch, as the PyPI wheel has it, installed outside the clone (tools/setup.sh)."""

def _version(ctx):
    for line in ctx.read(ctx.attr.requirements).split("\n"):
        if line.startswith("torch=="):
            return line[len("torch=="):]
    fail("%s has no torch==" % ctx.attr.requirements)

def _libtorch_impl(ctx):
    home = ctx.os.environ.get("DROVER_HOME") or ctx.os.environ["HOME"] + "/.cache/drover"
    root = ctx.path(home + "/libtorch-" + _version(ctx))
    if not root.get_child("torch").exists:
        fail("LibTorch is not at %s; `./drover build` puts it there." % root)

    # All of its headers but its own protobuf and fmt, which would win over ours.
    for folder in root.get_child("torch").get_child("include").readdir():
        if folder.basename not in ["google", "fmt"]:
            ctx.symlink(folder, "include/" + folder.basename)
    libraries = [
        str(root) + "/torch/lib",
        str(root) + "/nvidia/cu13/lib",
    ]
    linkopts = ["-L" + libraries[0], "-ltorch_cpu", "-lc10"]
    linkopts += ["-Wl,-rpath," + path for path in libraries]
    linkopts += ["-Wl,-rpath-link," + path for path in libraries]
    ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])
cc_library(
    name = "libtorch",
    hdrs = glob(["include/**"]),
    includes = ["include"],
    # Else a header for `a + b` brings all two thousand operators: over a second a file.
    defines = ["AT_PER_OPERATOR_HEADERS"],
    linkopts = {linkopts},
)
""".format(linkopts = linkopts))

libtorch = repository_rule(
    implementation = _libtorch_impl,
    attrs = {"requirements": attr.label(default = "//third_party:libtorch.txt", allow_single_file = True)},
    environ = ["DROVER_HOME", "HOME"],
    local = True,
)
