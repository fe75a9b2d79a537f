"""Tests of clusters of real processes."""

load("//tests/support:cc_test.bzl", "cc_test")

def cluster_test(name, deps, sanitized = True, data = [], shard_count = None):
    """<name>_test.cc, with the executables as a person runs them.

    sanitized: AddressSanitizer would find there what other tests do not reach. `./drover test` runs
    it under that alone.
    """
    cc_test(
        name = name + "_test",
        size = "large",
        srcs = [name + "_test.cc"],
        data = [
            "//cli:drover",
            "//cli:drover-agent",
            "//configs",
        ] + data,
        tags = [
            "torch",
            "sanitized" if sanitized else "no-sanitizer",
        ],
        shard_count = shard_count,
        # LibTorch is in the executables only.
        pch = "//tests/support:test_pch",
        deps = deps + ["@gtest//:gtest_main"],
    )
