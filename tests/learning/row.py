"""A row of the table of results: what is trained, on which seeds, and what it must reach."""

import dataclasses
import difflib
import json


class RowError(ValueError):
    """rows.json, or the name of a row, is wrong; the text says how."""


@dataclasses.dataclass(frozen=True)
class Row:
    name: str  # also that of its results: <name>.json
    config: str  # what `drover train` gets
    frames: int  # budget: environment steps
    mark: float  # mean return that the final policy must make
    episodes: int  # fresh ones that it is measured on
    seeds: list  # reported ones: below FIRST_TUNING_SEED
    target: float = None  # the run's: a return that ends it and must be reached; None: none
    seconds: float = None  # limit on the wall clock of the whole train command; None: no limit
    set: list = dataclasses.field(default_factory=list)  # overrides, "path=value"
    passes: int = None  # seeds that must pass; None: all of them
    at_most: int = None  # seeds that may pass, instead: the row shows what does not work


# Settings are chosen on seeds from here on, so that the reported ones are a fair test of them.
FIRST_TUNING_SEED = 100


def load_rows(path):
    """The rows of a file, in its order."""
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    rows = []
    for entry in entries:
        try:
            row = Row(**entry)
        except TypeError as error:
            raise RowError(f"{path}: row {entry.get('name')}: {error}") from error
        if not row.seeds or max(row.seeds) >= FIRST_TUNING_SEED:
            raise RowError(
                f"{path}: row {row.name}: reported seeds lie below {FIRST_TUNING_SEED};"
                " the others are for tuning"
            )
        rows.append(row)
    return rows


def choose_rows(rows, names):
    """The named rows; all of them if no name is given."""
    by_name = {row.name: row for row in rows}
    for name in names:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; rows are {', '.join(by_name)}"
            raise RowError(f"no row {name}{hint}")
    return [by_name[name] for name in names] if names else rows
