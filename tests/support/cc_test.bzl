"""A test of ours: the headers that nearly all of them include come compiled."""

load("//tools:precompiled_header.bzl", "copts_with")

def cc_test(name, deps, tags = [], pch = None, **kwargs):
    """Tag it "torch" if it links LibTorch, and then, or if it starts clusters, "sanitized" if
    AddressSanitizer is all that it needs: no arithmetic of ours that optimisation could change.

    pch: another precompiled_header, and no fixed random numbers (random_seed.cc); it must be
    compiled with the same flags (.bazelrc).
    """
    if not pch and "torch" in tags:
        pch = "//tests/support:torch_test_pch"
        deps = deps + ["//tests/support:random_seed"]
    pch = pch or "//tests/support:test_pch"
    native.cc_test(
        name = name,
        copts = copts_with(pch),
        tags = tags,
        deps = deps + [pch],
        **kwargs
    )
