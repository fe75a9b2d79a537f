#!/usr/bin/python3
"""Whether the working tree is faster or slower than another commit.

  ./drover bench compare REV [--pairs N] [-- flags of `bench throughput`]

Builds REV beside the working tree, runs `bench throughput` of both in turn, and prints the
working tree's rates over REV's, pair by pair: what disturbs one run of a pair disturbs the other.
The last line is one of JSON. REV must have `bench throughput`.
"""

import argparse
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ["//cli:drover", "//cli:drover-agent"]
RATES = ["frames_per_second", "frames_per_cpu_second"]


def build(rev, work):
    """Checks `rev` out and builds it below `work`; returns its program."""
    tree = work / "tree"
    git("worktree", "add", "--quiet", "--detach", str(tree), rev)
    shutil.copy(ROOT / ".bazelrc.local", tree)  # the same cache of compiled files
    # Without a server, which would outlive the directory.
    subprocess.run(["bazel", "--batch", f"--output_base={work / 'out'}", "build",
                    "--ui_event_filters=-info", "--noshow_loading_progress", "--show_result=0",
                    *TARGETS], cwd=tree, check=True)
    return tree / "bazel-bin/cli/drover"


def git(*arguments):
    return subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def measure(program, flags):
    out = subprocess.run([program, "bench", "throughput", *flags], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return json.loads(out.splitlines()[-1])


def compare(program, flags, pairs):
    ratios = {rate: [] for rate in RATES}
    for i in range(pairs):
        before, now = measure(program, flags), measure(ROOT / "bazel-bin/cli/drover", flags)
        for rate in RATES:
            ratios[rate].append(now[rate] / before[rate])
        print(f"pair {i + 1}: " + ", ".join(
            f"{rate} {before[rate]:,.0f} -> {now[rate]:,.0f} ({ratios[rate][-1]:.3f})"
            for rate in RATES), flush=True)
    return ratios


def main():
    parser = argparse.ArgumentParser(prog="drover bench compare", usage=__doc__)
    parser.add_argument("rev")
    parser.add_argument("--pairs", type=int, default=3)
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    options, flags = parser.parse_args(words[:end]), words[end + 1:]
    try:
        commit = git("rev-parse", "--verify", "--quiet", f"{options.rev}^{{commit}}")
    except subprocess.CalledProcessError:
        print(f'drover: "{options.rev}" is no commit', file=sys.stderr)
        sys.exit(2)
    # As Ctrl-C: what was made is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    work = pathlib.Path(tempfile.mkdtemp(prefix="drover-compare-"))
    try:
        ratios = compare(build(commit, work), flags, options.pairs)
    finally:
        # Bazel makes its directories read-only.
        subprocess.run(["chmod", "-R", "u+w", str(work)], check=False)
        shutil.rmtree(work, ignore_errors=True)
        git("worktree", "prune")
    result = {"rev": commit}
    for rate in RATES:
        result[f"{rate}_ratio"] = statistics.median(ratios[rate])
        result[f"{rate}_ratios"] = ratios[rate]
    print(json.dumps(result))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"drover: {error.cmd[0]} failed")
    except KeyboardInterrupt:
        sys.exit(130)
