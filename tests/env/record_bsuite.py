"""Records episodes of bsuite's Catch for the tests of the native one.

    python3 -m venv /tmp/bsuite
    /tmp/bsuite/bin/pip install bsuite==0.3.5
    /tmp/bsuite/bin/python tests/env/record_bsuite.py tests/env

writes tests/env/catch_bsuite.json. Nothing of this is needed to build, run or test Drover.
"""

import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from bsuite.environments import catch

VERSION = importlib.metadata.version("bsuite")
assert VERSION == "0.3.5", VERSION


def board(observation):
    """The cells by rows as one string of 0s and 1s."""
    assert observation.shape == (10, 5) and set(observation.ravel()) <= {0.0, 1.0}
    return "".join(str(int(cell)) for cell in observation.ravel())


def episode(env, policy):
    step = env.reset()
    result = {"boards": [board(step.observation)], "actions": [], "rewards": [], "last": []}
    while not step.last():
        action = int(policy(step.observation))
        step = env.step(action)
        result["boards"].append(board(step.observation))
        result["actions"].append(action)
        result["rewards"].append(float(step.reward))
        result["last"].append(bool(step.last()))
    return result


def follow(observation):
    """Goes under the ball."""
    paddle = np.argmax(observation[-1])
    columns = np.flatnonzero(observation[:-1].max(axis=0))
    return 1 + np.sign(columns[0] - paddle) if len(columns) else 1


if __name__ == "__main__":
    env = catch.Catch(seed=4)
    rng = np.random.RandomState(4)
    policies = [follow, lambda o: 0, lambda o: 2, lambda o: rng.randint(3)]
    episodes = [episode(env, policies[i % 4]) for i in range(16)]
    with open(pathlib.Path(sys.argv[1]) / "catch_bsuite.json", "w") as f:
        f.write(f'{{"recorded_with": "bsuite {VERSION}",\n"episodes": [\n')
        f.write(",\n".join(json.dumps(e) for e in episodes))
        f.write("\n]}\n")
    print([(e["boards"][0].index("1"), e["rewards"][-1]) for e in episodes])
