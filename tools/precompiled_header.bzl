"""A header compiled once in each configuration, for tests, which spend their compile time in headers.

    precompiled_header(name = "test_pch", header = "test_pch.h", deps = [...])

Who depends on it compiles with copts_with(its label), and must have the same flags otherwise. What
it depends on is the headers and an empty <name>.stamp, not the .pch: no two of these are the same
byte for byte, and what was compiled with one can come from a cache where there is another. So can
the .pch, as long as the same packages are installed: it refuses headers that it was not made of.

A checkout may give a header a new time with the same content, which Bazel does not look at, so
that a .pch must not, either.

Paths in a .pch are relative to -isysroot, which must be "." where it is used: the compiler tells
Bazel what it read by these paths, and in a cache absolute ones would be those of another clone.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def copts_with(precompiled):
    """Flags of what depends on a precompiled_header, "//<package>:<name>"."""
    path = precompiled[len("//"):].replace(":", "/")
    return ["-isysroot", ".", "-include-pch", "$(BINDIR)/%s.pch" % path]

def _compile_flags(ctx, toolchain, context):
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + ctx.attr.copts,
        quote_include_directories = context.quote_includes,
        include_directories = context.includes,
        system_include_directories = context.system_includes,
        preprocessor_defines = context.defines,
        use_pic = True,
    )
    return cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = "c++-compile",
        variables = variables,
    )

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    context = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in ctx.attr.deps],
    ).compilation_context
    header = ctx.file.header
    pch = ctx.actions.declare_file(ctx.label.name + ".pch")
    stamp = ctx.actions.declare_file(ctx.label.name + ".stamp")
    ctx.actions.run_shell(
        outputs = [pch, stamp],
        inputs = depset([header, ctx.file._installed], transitive = [context.headers, toolchain.all_files]),
        command = '"${@:4}" -isysroot "$PWD" --relocatable-pch -x c++-header -fpch-instantiate-templates -Xclang -fno-pch-timestamp "$1" -o "$2" && touch "$3"',
        arguments = [header.path, pch.path, stamp.path, toolchain.compiler_executable] +
                    _compile_flags(ctx, toolchain, context),
        mnemonic = "PrecompiledHeader",
        use_default_shell_env = True,
    )
    return [CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset([header, stamp], transitive = [context.headers]),
    ))]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    attrs = {
        "header": attr.label(allow_single_file = [".h"], mandatory = True),
        "deps": attr.label_list(providers = [CcInfo]),
        "copts": attr.string_list(),
        "_installed": attr.label(default = "@dpkg//:status", allow_single_file = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
