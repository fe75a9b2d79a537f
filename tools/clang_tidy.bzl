"""Runs clang-tidy over own sources: several files a run, as most of its time goes into headers.

    clang_tidy()  # the last line of a BUILD: checks what the package compiles

    bazel build $(bazel query 'kind(clang_tidy_run, //...)')
"""

# What protoc generates carries this tag (third_party/proto.bzl).
_GENERATED = "generated"

# More would save little, and one change would have more files read again.
_TARGETS_A_RUN = 12

_Sources = provider(
    doc = "What a target compiles, and with which headers: cc_binary and cc_test do not tell.",
    fields = ["files", "headers"],
)

def _sources_impl(target, ctx):
    rule = ctx.rule
    return [_Sources(
        files = [file for file in rule.files.srcs if file.extension == "cc"],
        headers = [dep[CcInfo] for dep in [target] + rule.attr.deps if CcInfo in dep],
    )]

_sources = aspect(implementation = _sources_impl)

def _flags(context):
    flags = ["-std=c++17"]
    flags += ["-D" + define for define in context.defines.to_list()]
    for path in context.quote_includes.to_list():
        flags += ["-iquote", path]
    for path in context.includes.to_list() + context.system_includes.to_list():
        flags += ["-isystem", path]

    # Not ours to check, and a third of the time; and templates that a file does not use, a twelfth.
    return flags + ["--system-header-prefix=proto/", "-fdelayed-template-parsing"]

def _clang_tidy_run_impl(ctx):
    sources = [target[_Sources] for target in ctx.attr.targets]
    files = [file for source in sources for file in source.files]
    context = cc_common.merge_cc_infos(
        cc_infos = [headers for source in sources for headers in source.headers],
    ).compilation_context
    out = ctx.actions.declare_file(ctx.label.name + ".tidy")
    ctx.actions.run(
        executable = ctx.executable._script,
        arguments = [ctx.executable._tool.path, out.path] + [file.path for file in files] +
                    ["--"] + _flags(context),
        inputs = depset(files + [ctx.file._config], transitive = [context.headers]),
        tools = [ctx.executable._tool],
        outputs = [out],
        mnemonic = "ClangTidy",
        progress_message = "clang-tidy %s (%d files)" % (ctx.label, len(files)),
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]))]

clang_tidy_run = rule(
    implementation = _clang_tidy_run_impl,
    attrs = {
        "targets": attr.label_list(aspects = [_sources]),
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
        "_script": attr.label(
            default = "//tools:clang_tidy.py",
            allow_single_file = True,
            executable = True,
            cfg = "host",
        ),
        "_tool": attr.label(
            default = "@clang_tidy//:clang-tidy",
            allow_single_file = True,
            executable = True,
            cfg = "host",
        ),
    },
)

def clang_tidy():
    """Checks each C++ target above it in this BUILD."""
    targets = [
        name
        for name, rule in native.existing_rules().items()
        if rule["kind"] in ["cc_library", "cc_binary", "cc_test"] and
           rule["srcs"] and _GENERATED not in rule["tags"]
    ]
    for first in range(0, len(targets), _TARGETS_A_RUN):
        clang_tidy_run(
            name = "tidy_%d" % (first // _TARGETS_A_RUN),
            testonly = True,
            # Only tests have what it needs (tools/setup.sh).
            tags = ["manual"],
            targets = targets[first:first + _TARGETS_A_RUN],
        )
