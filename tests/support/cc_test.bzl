"""A test of ours: the headers that nearly all of them include come compiled."""

def cc_test(name, deps, tags = [], pch = None, **kwargs):
    """Tag it "torch" if it links LibTorch.

    Not for tests/bench, which is compiled with optimisation.
    """
    pch = pch or ("torch_test_pch" if "torch" in tags else "test_pch")
    native.cc_test(
        name = name,
        copts = ["-isysroot", ".", "-include-pch", "$(BINDIR)/tests/support/%s.pch" % pch],
        tags = tags,
        deps = deps + ["//tests/support:" + pch],
        **kwargs
    )
