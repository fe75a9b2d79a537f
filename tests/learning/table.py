"""The table of results, as Markdown, and its place in a page."""

import math
import statistics

from bootstrap import bootstrap_interval, interquartile_mean

BEGIN = "<!-- results:begin -->"
END = "<!-- results:end -->"

HEAD = (
    "| row | mark | seeds passed | final return: IQM [95 %] | frames to the mark"
    " | seconds to the mark | commit |\n"
    "| --- | --- | --- | --- | --- | --- | --- |\n"
)


def table(results, link=""):
    """Of the contents of some files of docs/results. `link`: their folder, from the page."""
    return HEAD + "".join(_line(result, link) for result in results)


def insert(page, text):
    """The page with the text between its markers; None: it has none."""
    if BEGIN not in page or END not in page:
        return None
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{text}{END}{rest.split(END, 1)[1]}"


def _line(result, link):
    row, seeds = result["row"], result["seeds"]
    passed = sum(not seed["faults"] for seed in seeds)
    cells = [
        f"[{row['name']}]({link}{row['name']}.json)",
        _mark(row),
        f"{passed} of {len(seeds)}",
        _final_return(seeds),
        _median([seed["frames_to_mark"] for seed in seeds], "{:,.0f}"),
        _median([seed["seconds_to_mark"] for seed in seeds], "{:.1f}"),
        result["commit"][:10] + (" + changes" if result["dirty"] else ""),
    ]
    return "| " + " | ".join(cells) + " |\n"


def _mark(row):
    limits = f"{row['frames']:,} frames"
    if row.get("seconds") is not None:
        limits += f", {row['seconds']:g} s"
    if row.get("passes") is not None:
        limits += f", {row['passes']} seeds"
    if row.get("at_most") is not None:
        limits += f", at most {row['at_most']} seeds"
    return f"≥ {row['mark']:g} within {limits}"


def _final_return(seeds):
    means = [seed["eval"]["mean"] for seed in seeds if seed["eval"]]
    if len(means) < len(seeds) or None in means:
        return "not every seed has a policy"
    low, high = bootstrap_interval(means)
    return f"{interquartile_mean(means):.1f} [{low:.1f}, {high:.1f}]"


def _median(values, form):
    """Over all seeds: one that never came to the mark counts as infinity."""
    median = statistics.median(math.inf if value is None else value for value in values)
    return form.format(median) if math.isfinite(median) else "—"
