"""cc_library, where the headers that most files include come compiled (tools/library_pch.h)."""

load("//tools:precompiled_header.bzl", "copts_with")

# Most of what is in them needs LibTorch, if only through its dependencies.
_WITH_TORCH = ["agent", "actor", "learner"]

# As .bazelrc has them compiled.
_WITHOUT_OPTIMISATION = ["cli", "deploy"]

def cc_library(name, srcs = [], deps = [], copts = [], **kwargs):
    folder = native.package_name().split("/")[0]
    torch = folder in _WITH_TORCH or "@libtorch" in deps
    if folder == "tests":
        pch = "//tests/support:" + ("torch_test_pch" if torch else "test_pch")
    elif folder in _WITHOUT_OPTIMISATION:
        pch = "//tools:unoptimised_pch"
    else:
        pch = "//tools:" + ("torch_pch" if torch else "rpc_pch")
    native.cc_library(
        name = name,
        srcs = srcs,
        copts = copts + (copts_with(pch) if srcs else []),
        deps = deps + ([pch] if srcs else []),
        **kwargs
    )
