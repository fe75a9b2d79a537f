"""Runs clang-tidy over own sources: one action a file, so that Bazel's cache keeps the results.

    bazel build --aspects tools/clang_tidy.bzl%clang_tidy --output_groups=tidy //...
"""

# What protoc generates carries this tag (third_party/proto.bzl).
_GENERATED = "generated"

def _flags(context):
    flags = ["-std=c++17"]
    flags += ["-D" + define for define in context.defines.to_list()]
    for path in context.quote_includes.to_list():
        flags += ["-iquote", path]
    for path in context.includes.to_list() + context.system_includes.to_list():
        flags += ["-isystem", path]

    # Not ours to check, and a third of the time; and templates that a file does not use, a twelfth.
    return flags + ["--system-header-prefix=proto/", "-fdelayed-template-parsing"]

def _clang_tidy_impl(target, ctx):
    rule = ctx.rule
    own = (not ctx.label.workspace_name and not ctx.label.package.startswith("third_party") and
           _GENERATED not in rule.attr.tags)
    if not own or rule.kind not in ["cc_library", "cc_binary", "cc_test"]:
        return []
    context = cc_common.merge_cc_infos(
        cc_infos = [dep[CcInfo] for dep in [target] + rule.attr.deps if CcInfo in dep],
    ).compilation_context
    inputs = depset(rule.files.srcs + [ctx.file._config, ctx.executable._tool], transitive = [context.headers])
    flags = _flags(context)
    outs = []
    for source in rule.files.srcs:
        if source.extension != "cc":
            continue
        out = ctx.actions.declare_file(source.basename + ".tidy")
        ctx.actions.run_shell(
            outputs = [out],
            inputs = inputs,
            # Silent when all is well; its count of the warnings that it hides says nothing.
            command = "set -o pipefail; \"$1\" --quiet \"$2\" -- \"${@:4}\" 2>&1 | " +
                      "{ grep -v 'warnings generated' || true; } && touch \"$3\"",
            arguments = [ctx.executable._tool.path, source.path, out.path] + flags,
            mnemonic = "ClangTidy",
            progress_message = "clang-tidy " + source.path,
            use_default_shell_env = True,
        )
        outs.append(out)
    return [OutputGroupInfo(tidy = depset(outs))]

clang_tidy = aspect(
    implementation = _clang_tidy_impl,
    attrs = {
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
        "_tool": attr.label(
            default = "@clang_tidy//:clang-tidy",
            allow_single_file = True,
            executable = True,
            cfg = "host",
        ),
    },
)
