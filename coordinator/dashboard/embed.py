"""Writes page.cc (coordinator/dashboard/page.h): embed.py FILE …, on standard output."""

import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
LINE = 100  # bytes: a compiler takes many short literals faster than one long


def literal(data):
    """C++ source of a byte string."""
    lines = []
    for begin in range(0, len(data), LINE):
        escaped = "".join(
            chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\?' else f"\\{byte:03o}"
            for byte in data[begin : begin + LINE]
        )
        lines.append(f'    "{escaped}"')
    return "\n".join(lines) or '    ""'


def main():
    """Prints it."""
    print('#include "coordinator/dashboard/page.h"\n\nnamespace drover {\nnamespace {\n')
    rows = []
    for i, name in enumerate(sys.argv[1:]):
        path = pathlib.Path(name)
        data = path.read_bytes()
        print(f"constexpr char kFile{i}[] =\n{literal(data)};\n")
        url = "/" if path.name == "index.html" else f"/{path.name}"
        rows.append(f'      {{"{url}", "{TYPES[path.suffix]}", {{kFile{i}, {len(data)}}}}},')
    print("}  // namespace\n\nconst std::vector<PageFile>& PageFiles() {")
    print("  static const auto* const files = new std::vector<PageFile>{")
    print("\n".join(rows))
    print("  };\n  return *files;\n}\n\n}  // namespace drover")


main()
