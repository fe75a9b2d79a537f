"""cc_library, for folders that compute with tensors: LibTorch's headers come compiled."""

load("//tools:precompiled_header.bzl", "copts_with")

_PCH = "//agent:aten_pch"

def cc_library(name, deps = [], **kwargs):
    copts = []
    if "@libtorch" in deps:
        copts = copts_with(_PCH)
        deps = deps + [_PCH]
    native.cc_library(name = name, copts = copts, deps = deps, **kwargs)
