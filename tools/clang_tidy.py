#!/usr/bin/python3
"""clang_tidy.py TOOL STAMP SOURCE... -- FLAG...

Runs clang-tidy over the sources and makes the file STAMP if all is well: silent then. Most of its
time goes into headers, so sources are read as one file. If that is not clean, perhaps only because
of each other, each half is tried, down to single files, which decide.
"""

import pathlib
import re
import subprocess
import sys

# What a line declares for its file alone, mostly in an unnamed namespace. Too many cost little.
OWN_NAMES = re.compile(
    r"""^(?: using\ (?:[\w:]+::)?(\w+)(?:\ =[^;]*)?;
           | (?:class|struct|enum(?:\ class)?)\ (\w+)
           | (?:constexpr|const|static|thread_local)\ [^=({]*?\b(\w+)(?:\[\w*\])?\s*[={(;]
           | [A-Za-z][\w:<>,*&\ ]*[\ *&](\w+)\(
           | TEST(?:_F|_P)?\((\w+,\ \w+)\)
         )""",
    re.MULTILINE | re.VERBOSE,
)
ENUMERATORS = re.compile(r"^enum (?!class)[^{]*\{([^}]*)\}", re.MULTILINE)
INCLUDE = re.compile("^#include .*", re.MULTILINE)


class Source:
    def __init__(self, path):
        text = pathlib.Path(path).read_text()
        self.path = path
        self.includes = INCLUDE.findall(text)
        # Each with what it means: the same `using` may be repeated.
        enumerators = re.findall(r"\bk\w+", " ".join(ENUMERATORS.findall(text)))
        self.names = dict.fromkeys(enumerators, path)
        for match in OWN_NAMES.finditer(text):
            self.names[match[match.lastindex]] = match[0] if match[0].startswith("using") else path


class OneFile:
    """Sources that are read as one: a name that was there before is renamed."""

    def __init__(self):
        self.sources = []
        self.names = {}
        self.text = ""

    def taken(self, source):
        return [name for name, meaning in source.names.items() if self.names.get(name, meaning) != meaning]

    def can_take(self, source):
        # bugprone-exception-escape follows calls from main() into what else is there.
        if self.sources and "main" in {*source.names, *self.names}:
            return False
        # Neither what another namespace has nor a test can be renamed.
        return not any(re.search("::|,", name + source.names[name]) for name in self.taken(source))

    def take(self, source):
        new = [(name, f"{name}{len(self.sources)}") for name in self.taken(source)]
        self.text += "".join(f"#define {old} {other}\n" for old, other in new)
        self.text += f'#include "{source.path}"  // NOLINT(bugprone-suspicious-include)\n'
        self.text += "".join(f"#undef {old}\n" for old, _ in new)
        self.sources.append(source)
        self.names.update(source.names)

    def write(self, path):
        # Headers first: nothing in them is renamed.
        includes = dict.fromkeys(line for source in self.sources for line in source.includes)
        pathlib.Path(path).write_text("\n".join([*includes, self.text]))


def as_few_files(sources):
    files = []
    for source in sources:
        file = next((file for file in files if file.can_take(source)), None)
        if not file:
            files.append(file := OneFile())
        file.take(source)
    return files


def main():
    tool, stamp, *rest = sys.argv[1:]
    end = rest.index("--")
    flags = rest[end:]

    def findings(path):
        command = [tool, "--quiet", "--config-file=.clang-tidy", path, *flags]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return [] if run.returncode == 0 else [run.stdout or f"{path}: clang-tidy: {run.returncode}"]

    def findings_as_one(file):
        sources = file.sources
        if len(sources) == 1:
            return findings(sources[0].path)
        file.write(f"{stamp}.cc")
        half = len(sources) // 2
        return findings(f"{stamp}.cc") and check(sources[:half]) + check(sources[half:])

    def check(sources):
        return [text for file in as_few_files(sources) for text in findings_as_one(file)]

    if found := check([Source(path) for path in rest[:end]]):
        sys.exit("\n".join(found))
    pathlib.Path(stamp).touch()


if __name__ == "__main__":
    main()
