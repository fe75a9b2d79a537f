"""clang-tidy, as the PyPI wheel has it, installed outside the clone (tools/setup.sh)."""

def _clang_tidy_impl(ctx):
    home = ctx.os.environ.get("DROVER_HOME") or ctx.os.environ["HOME"] + "/.cache/drover"
    version = ctx.read(ctx.attr.requirements).split("clang-tidy==")[1].strip()
    root = ctx.path(home + "/clang-tidy-" + version)
    if not root.get_child("clang_tidy").exists:
        fail("clang-tidy is not at %s; `./drover test` puts it there." % root)
    ctx.symlink(root.get_child("clang_tidy").get_child("data"), "data")
    ctx.file("BUILD", """
filegroup(
    name = "clang-tidy",
    srcs = ["data/bin/clang-tidy"],
    visibility = ["//visibility:public"],
)
""")

clang_tidy_repository = repository_rule(
    implementation = _clang_tidy_impl,
    attrs = {"requirements": attr.label(default = "//third_party:clang_tidy.txt", allow_single_file = True)},
    environ = ["DROVER_HOME", "HOME"],
    local = True,
)
