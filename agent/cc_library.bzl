"""cc_library, for folders that compute with tensors: LibTorch's headers come compiled."""

def cc_library(name, deps = [], **kwargs):
    copts = []
    if "@libtorch" in deps:
        copts = ["-isysroot", ".", "-include-pch", "$(BINDIR)/agent/aten_pch.pch"]
        deps = deps + ["//agent:aten_pch"]
    native.cc_library(name = name, copts = copts, deps = deps, **kwargs)
