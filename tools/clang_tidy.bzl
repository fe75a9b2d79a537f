"""Runs clang-tidy over own sources, one cached action a file.

    bazel build --aspects tools/clang_tidy.bzl%clang_tidy --output_groups=tidy //...
"""

def _flags(ctx):
    contexts = [dep[CcInfo].compilation_context for dep in ctx.rule.attr.deps if CcInfo in dep]
    flags = ["-std=c++17", "-iquote", "."]
    headers = []
    for context in contexts:
        headers.append(context.headers)
        flags += ["-D" + define for define in context.defines.to_list()]
        for path in context.quote_includes.to_list():
            flags += ["-iquote", path]
        for path in context.includes.to_list() + context.system_includes.to_list():
            flags += ["-isystem", path]
    return flags, headers

def _clang_tidy_impl(target, ctx):
    rule = ctx.rule
    if ctx.label.workspace_name or not rule.kind.startswith("cc_"):
        return []
    if "generated" in rule.attr.tags:
        return []
    flags, headers = _flags(ctx)
    own = [file for source in rule.files.srcs for file in [source]]
    if hasattr(rule.files, "hdrs"):
        own += rule.files.hdrs
    outs = []
    for source in own:
        if source.extension != "cc":
            continue
        out = ctx.actions.declare_file(source.basename + ".tidy")
        ctx.actions.run_shell(
            outputs = [out],
            inputs = depset(own + [ctx.file._config], transitive = headers),
            command = "clang-tidy --quiet \"$1\" -- \"${@:3}\" 2>&1 | grep -v 'warnings generated' ; " +
                      "[ ${PIPESTATUS[0]} = 0 ] && touch \"$2\"",
            arguments = [source.path, out.path] + flags,
            mnemonic = "ClangTidy",
            progress_message = "clang-tidy " + source.path,
            use_default_shell_env = True,
        )
        outs.append(out)
    return [OutputGroupInfo(tidy = depset(outs))]

clang_tidy = aspect(
    implementation = _clang_tidy_impl,
    attrs = {"_config": attr.label(default = "//:.clang-tidy", allow_single_file = True)},
)
