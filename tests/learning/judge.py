"""Whether a seed passes, and a row of so many that do."""


def row_passes(row, results):
    """Whether as many seeds pass as the row wants. `results`: as in a file of docs/results."""
    good = sum(not result["faults"] for result in results)
    if row.at_most is not None:
        # Who does not pass was trained and evaluated all the same.
        return good <= row.at_most and all(result["eval"] for result in results)
    return good >= min(row.passes or len(row.seeds), len(results))


def faults(row, result):
    """Why a seed's result does not pass; empty: it does. `result` is an element of `seeds` in a
    file of docs/results."""
    if result["exit_code"] != 0:
        return [f"train ended with exit code {result['exit_code']}"]
    summary = result["summary"]
    if summary is None:
        return ["the run left no summary.json"]
    why = []
    if summary["seed"] != result["seed"]:
        why.append(f"the run had seed {summary['seed']}")
    if summary["frames"] > row.frames:
        why.append(f"{summary['frames']} frames, more than {row.frames}")
    if row.target is not None and not summary["reached_target"]:
        why.append(f"target {row.target:g} not reached in {summary['frames']} frames")
    if row.seconds is not None and result["wall_seconds"] > row.seconds:
        why.append(f"took {result['wall_seconds']:.1f} s, more than {row.seconds:g}")
    return why + _evaluation_faults(row, result["eval"])


def _evaluation_faults(row, evaluation):
    if evaluation is None:
        return ["the final policy could not be evaluated"]
    if evaluation["episodes"] < row.episodes:
        return [f"evaluated on {evaluation['episodes']} episodes, not {row.episodes}"]
    if evaluation["mean"] is None or not evaluation["mean"] >= row.mark:
        return [f"final policy: {evaluation['mean']} on fresh episodes, mark {row.mark:g}"]
    return []
