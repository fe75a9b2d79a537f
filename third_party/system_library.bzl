"""Debian's libraries as Bazel targets."""

def _system_library_impl(ctx):
    flags = []
    if ctx.attr.packages:
        result = ctx.execute(["pkg-config", "--libs"] + ctx.attr.packages)
        if result.return_code != 0:
            fail("pkg-config does not know %s; `./drover build` installs what is missing.\n%s" %
                 (ctx.attr.packages, result.stderr))
        flags = [flag for flag in result.stdout.strip().split(" ") if flag]
    ctx.file("BUILD", """
package(default_visibility = ["//visibility:public"])
cc_library(
    name = "{name}",
    defines = {defines},
    linkopts = {linkopts},
)
""".format(name = ctx.attr.target, defines = ctx.attr.defines, linkopts = flags + ctx.attr.linkopts) + ctx.attr.more)

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = {
        "target": attr.string(mandatory = True, doc = "name of the cc_library"),
        "packages": attr.string_list(doc = "what pkg-config calls it"),
        "linkopts": attr.string_list(),
        "defines": attr.string_list(),
        "more": attr.string(doc = "further targets of its BUILD file"),
    },
    environ = ["PKG_CONFIG_PATH"],
    local = True,
)
