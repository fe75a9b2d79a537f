"""What the tests of this folder share: a row, and a seed that passes it."""

from row import Row


def row(**changes):
    fields = {
        "name": "cartpole_impala",
        "config": "configs/cartpole_impala.textproto",
        "frames": 2_000_000,
        "mark": 475,
        "episodes": 100,
        "seeds": [1, 2, 3, 4, 5],
        "target": 475,
        "seconds": 30,
    }
    return Row(**{**fields, **changes})


def summary(**changes):
    return {
        "seed": 1,
        "frames": 300_000,
        "reached_target": True,
        "frames_to_target": 290_000,
        "seconds_to_target": 11.5,
        **changes,
    }


def result(**changes):
    return {
        "seed": 1,
        "exit_code": 0,
        "wall_seconds": 14.0,
        "frames_to_mark": 290_000,
        "seconds_to_mark": 11.5,
        "eval": {"episodes": 100, "mean": 490.0, "std": 12.0, "seed": 2_000_001},
        "summary": summary(),
        **changes,
    }
