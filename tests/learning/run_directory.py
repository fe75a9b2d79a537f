"""What a run directory says of a run (coordinator/summary.h, coordinator/metrics_log.h)."""

import json

CURVE_POINTS = 200  # of a curve that is kept


def read_summary(directory):
    """summary.json; None: the run wrote none."""
    try:
        return json.loads((directory / "summary.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def read_metrics(directory):
    """The lines of metrics.jsonl; a last one that was cut short is left out."""
    lines = []
    try:
        text = (directory / "metrics.jsonl").read_text(encoding="utf-8")
    except FileNotFoundError:
        return lines
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return lines


def training_curve(metrics):
    """[frames, seconds, mean return of the last 100 training episodes], where it moved on."""
    curve = []
    for line in metrics:
        if line.get("mean_return") is None:
            continue
        if not curve or line["frames"] > curve[-1][0]:
            curve.append([line["frames"], line["seconds"], line["mean_return"]])
    return curve


def evaluation_curve(metrics):
    """[frames, seconds, mean return] of an evaluator's points; empty: there was no evaluator."""
    starts = [line["time"] - line["seconds"] for line in metrics if line.get("seconds")]
    start = min(starts, default=None)  # unix time of the first environment step
    curve = []
    for line in metrics:
        point = line.get("evaluation")
        if point is not None and start is not None:
            curve.append([point["frames"], line["time"] - start, point["mean"]])
    return curve


def thin(curve, points=CURVE_POINTS):
    """At most so many of the points, evenly, the first and the last among them."""
    if len(curve) <= points:
        return curve
    return [curve[round(i * (len(curve) - 1) / (points - 1))] for i in range(points)]


def reached_mark(mark, summary, training, evaluations):
    """(frames, seconds) at which a run's return first was the mark: the target's, where the run
    has reached one; the evaluator's, where there was one; else the training curve's. (None, None):
    never."""
    if summary and summary["reached_target"]:
        return summary["frames_to_target"], summary["seconds_to_target"]
    for frames, seconds, mean in evaluations or training:
        if mean >= mark:
            return frames, seconds
    return None, None
