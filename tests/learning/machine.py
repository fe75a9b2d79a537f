"""Where and on what a result was measured."""

import os
import subprocess

# Written by the measurement itself: no change of the program.
_RESULTS = [":!docs/results", ":!README.md", ":!tests/learning/hsu/README.md"]


def machine():
    """CPU, cores that may be used, memory."""
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory": _field("/proc/meminfo", "MemTotal"),
    }


def load():
    """Processes that wanted a core, mean of the last minute."""
    return os.getloadavg()[0]


def commit(root):
    """(hash of the checked out commit, whether the tree differs from it)."""
    try:
        head = _git(root, "rev-parse", "HEAD").strip()
        return head, bool(_git(root, "status", "--porcelain", "--", ".", *_RESULTS))
    except (OSError, subprocess.CalledProcessError):
        return "unknown", True


def _git(root, *arguments):
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _field(path, name):
    with open(path, encoding="utf-8") as file:
        for line in file:
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return "unknown"
