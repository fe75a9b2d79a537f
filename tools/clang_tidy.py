#!/usr/bin/python3
"""clang_tidy.py TOOL STAMP SOURCE... -- FLAG...

Runs clang-tidy over the sources and makes the file STAMP if all is well: silent then. Most of its
time goes into headers, so sources are read as one file where they have no names of their own in
common. If that is not clean, perhaps only because of each other, each half is tried, down to single files.
"""

import pathlib
import re
import subprocess
import sys

# What a line declares for its file alone, mostly in an unnamed namespace. Too many cost little.
OWN_NAMES = re.compile(
    r"""^(?: using\ (?:[\w:]+::)?(\w+)(?:\ =[^;]*)?;
           | (?:class|struct|enum|enum\ class)\ (\w+)
           | (?:constexpr|const|static|thread_local)\ [^=({]*?\b(\w+)(?:\[\w*\])?\s*[={(;]
           | [A-Za-z][\w:<>,*&\ ]*[\ *&](\w+)\(
           | TEST(?:_F|_P)?\((\w+,\ \w+)\)
         )""",
    re.MULTILINE | re.VERBOSE,
)


def own_names(source):
    """Each with what it means: the same `using` may be repeated."""
    names = {}
    for match in OWN_NAMES.finditer(pathlib.Path(source).read_text()):
        names[match[match.lastindex]] = match[0] if match[0].startswith("using") else source
    return names


def may_be_one(names, more):
    # One of its checks follows calls from main(), whoever's they are.
    return "main" not in {*names, *more} and all(more.get(name, meaning) == meaning for name, meaning in names.items())


def readable_as_one(sources):
    """Lists of sources that have no names in common."""
    groups = []
    for source in sources:
        names = own_names(source)
        for taken, group in groups:
            if may_be_one(names, taken):
                taken.update(names)
                group.append(source)
                break
        else:
            groups.append((names, [source]))
    return [group for _, group in groups]


def main():
    tool, stamp, *rest = sys.argv[1:]
    end = rest.index("--")
    sources, flags = rest[:end], rest[end:]

    def findings(source):
        command = [tool, "--quiet", "--config-file=.clang-tidy", "--checks=-bugprone-suspicious-include", source]
        run = subprocess.run(command + flags, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # Its count of the warnings that it hides says nothing.
        lines = [line for line in run.stdout.splitlines() if "warnings generated" not in line]
        return lines if run.returncode != 0 else []

    def findings_of(group):
        if len(group) == 1:
            return findings(group[0])
        as_one = stamp + ".cc"
        pathlib.Path(as_one).write_text("".join(f'#include "{source}"\n' for source in group))
        half = len(group) // 2
        return findings(as_one) and findings_of(group[:half]) + findings_of(group[half:])

    found = [line for group in readable_as_one(sources) for line in findings_of(group)]
    print(*found, sep="\n", end="\n" if found else "")
    if not found:
        pathlib.Path(stamp).touch()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
