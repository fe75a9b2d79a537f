#!/usr/bin/python3
"""Measures rows of the table of results: trains each seed, evaluates what it ends with on fresh
episodes, writes raw results and the table. Exit code: 0 every row passes, 1 one does not, 2 usage.
Needs nothing but Python 3.11. README.md in this folder says more."""

import argparse
import concurrent.futures
import dataclasses
import datetime
import json
import os
import pathlib
import subprocess
import sys

from judge import row_passes
from machine import commit, machine
from measure import ROOT, measure
from row import RowError, choose_rows, load_rows
from table import insert, table


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="default: all")
    parser.add_argument(
        "--seeds", type=int, nargs="+", help="instead of the row's; nothing is written then"
    )
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; default 1")
    parser.add_argument(
        "--out", type=pathlib.Path, default=ROOT / "docs/results", help="folder of the results"
    )
    parser.add_argument(
        "--readme", type=pathlib.Path, default=ROOT / "README.md", help="page with the table"
    )
    parser.add_argument("--rows_file", default=ROOT / "tests/learning/rows.json")
    parser.add_argument(
        "--drover", type=pathlib.Path, help="binary to measure; default: ./drover, built first"
    )
    parser.add_argument(
        "--runs", type=pathlib.Path, default=ROOT / "runs/learning", help="folder of the runs"
    )
    parser.add_argument("--timeout", type=float, default=3600, help="seconds of a run")
    return parser.parse_args(arguments)


def measure_row(row, options, drover):
    """The content of <row>.json."""
    now = datetime.datetime.now(datetime.timezone.utc)
    runs = options.runs.absolute() / f"{row.name}-{now:%Y%m%d-%H%M%S}"
    head, dirty = commit(ROOT)
    seeds = options.seeds or row.seeds

    def one(seed):
        result = measure(drover, row, seed, runs / str(seed), options.timeout)
        print(line(row, result, runs), flush=True)
        return result

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(one, seeds))
    return {
        "row": dataclasses.asdict(row),
        "commit": head,
        "dirty": dirty,
        "date": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "jobs": options.jobs,
        "seeds": results,
    }


def line(row, result, runs):
    """How a seed went, for the terminal."""
    evaluation = result["eval"] or {}
    frames = (result["summary"] or {}).get("frames")
    text = f"{row.name} seed {result['seed']}: return {evaluation.get('mean')}"
    text += f", {frames} frames, {result['wall_seconds']:.1f} s: "
    if not result["faults"]:
        return text + "passed"
    return text + f"FAILED: {'; '.join(result['faults'])} ({runs / str(result['seed'])})"


def write(path, content):
    """JSON with a line for each key and each seed."""
    keys = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in content.items() if k != "seeds"]
    seeds = ",\n".join(json.dumps(seed) for seed in content["seeds"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(keys) + f',\n"seeds": [\n{seeds}\n]\n}}\n', encoding="utf-8")


def write_tables(rows, options):
    """Of all rows that have results, in the folder of results and in the page."""
    files = [options.out / f"{row.name}.json" for row in rows]
    results = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.exists()]
    (options.out / "README.md").write_text(
        "# Results\n\nWritten by `tests/learning/run.py`; its README says what they mean.\n\n"
        + table(results),
        encoding="utf-8",
    )
    if not options.readme.exists():
        return
    link = os.path.relpath(options.out, options.readme.parent) + "/"
    page = insert(options.readme.read_text(encoding="utf-8"), table(results, link))
    if page is None:
        print(f"{options.readme} has no place for the table", file=sys.stderr)
    else:
        options.readme.write_text(page, encoding="utf-8")


def main(arguments=None):
    options = parse(arguments)
    try:
        rows = load_rows(options.rows_file)
        chosen = choose_rows(rows, options.rows)
    except RowError as error:
        print(error, file=sys.stderr)
        return 2
    if options.drover is None:
        drover = ROOT / "drover"
        # Builds what has changed, so that no run's time has it.
        subprocess.run([drover, "list", "configs"], check=True, stdout=subprocess.DEVNULL)
    else:
        drover = options.drover.absolute()
    passed = True
    for row in chosen:
        content = measure_row(row, options, drover)
        passed = row_passes(row, content["seeds"]) and passed
        if options.seeds is None:
            write(options.out / f"{row.name}.json", content)
            write_tables(rows, options)
        else:
            print(table([content]), end="")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
