"""One seed of a row: trains and evaluates it, as a person would, and says what came of it."""

import json
import os
import pathlib
import subprocess
import time

from judge import faults
from machine import load
from run_directory import (
    evaluation_curve,
    reached_mark,
    read_metrics,
    read_summary,
    thin,
    training_curve,
)

ROOT = pathlib.Path(os.path.abspath(__file__)).parents[2]

# The environments of the final evaluation: the run's own uses seeds from 1,000,000 on.
FRESH_SEED = 2_000_000


def train_command(drover, row, seed, run_dir):
    command = [str(drover), "train", row.config]
    command += [f"--seed={seed}", f"--max_frames={row.frames}", f"--run_dir={run_dir}"]
    overrides = list(row.set)
    if row.target is not None:
        overrides.append(f"target.return={row.target:g}")
    for override in overrides:
        command += ["--set", override]
    return command


def beside(run_dir, kind):
    """The file for what a command printed."""
    return run_dir.with_name(f"{run_dir.name}.{kind}")


def measure(drover, row, seed, run_dir, timeout):
    """A result: an element of `seeds` in a file of docs/results."""
    run_dir.parent.mkdir(parents=True, exist_ok=True)  # the run makes its own
    load_before = load()
    start = time.monotonic()
    exit_code = _run(train_command(drover, row, seed, run_dir), beside(run_dir, "train.txt"), timeout)
    wall_seconds = time.monotonic() - start
    evaluation = _evaluate(drover, row, seed, run_dir, timeout) if exit_code == 0 else None

    summary, metrics = read_summary(run_dir), read_metrics(run_dir)
    training, evaluations = training_curve(metrics), evaluation_curve(metrics)
    frames, seconds = reached_mark(row.mark, summary, training, evaluations)
    result = {
        "seed": seed,
        "exit_code": exit_code,
        "wall_seconds": wall_seconds,
        "load_before": load_before,
        "frames_to_mark": frames,
        "seconds_to_mark": seconds,
        "eval": evaluation,
        "summary": summary,
        "training_curve": thin(training),
        "evaluation_curve": thin(evaluations),
    }
    return {"seed": seed, "faults": faults(row, result), **result}


def _evaluate(drover, row, seed, run_dir, timeout):
    """{episodes, mean, std, seed} of the policy the run ended with; None: it could not be done."""
    fresh = FRESH_SEED + seed
    command = [str(drover), "eval", str(run_dir), f"--episodes={row.episodes}"]
    command += [f"--seed={fresh}", "--json"]
    output = beside(run_dir, "eval.json")
    if _run(command, output, timeout, beside(run_dir, "eval.txt")) != 0:
        return None
    try:
        return {**json.loads(output.read_text(encoding="utf-8")), "seed": fresh}
    except json.JSONDecodeError:
        return None


def _run(command, output, timeout, errors=None):
    """Its exit code; what it prints goes to the files. Past `timeout` seconds it is stopped as by
    a person, which leaves no process behind; its exit code is then -15."""
    with open(output, "wb") as out, open(errors or output, "ab") as err:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return -15
