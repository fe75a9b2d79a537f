"""Records episodes of Gymnasium's environments for the tests of the native ones.

    python3 -m venv /tmp/gymnasium
    /tmp/gymnasium/bin/pip install gymnasium==1.2.2 numpy==2.4.6
    /tmp/gymnasium/bin/python tests/env/record_gymnasium.py tests/env

writes tests/env/cartpole_gymnasium.json. Nothing of this is needed to build, run or test Drover.
"""

import json
import pathlib
import sys

import gymnasium
import numpy as np

assert gymnasium.__version__ == "1.2.2", gymnasium.__version__


def balance(observation, lean=0.0):
    """Keeps the pole up; with a lean the cart runs away to one side."""
    position, velocity, angle, spin = observation
    return int(3.0 * (angle - lean) + spin + 0.1 * position + 0.3 * velocity > 0)


def space(s):
    if isinstance(s, gymnasium.spaces.Discrete):
        return {"kind": "discrete", "n": int(s.n), "start": int(s.start)}
    number = lambda x: None if np.isinf(x) else float(x)  # JSON has no infinity
    return {"kind": "box", "shape": list(s.shape), "dtype": str(s.dtype),
            "low": [number(x) for x in s.low.ravel()],
            "high": [number(x) for x in s.high.ravel()]}


def float32s(values):
    """Nine digits are enough to tell any two float32 apart."""
    assert values.dtype == np.float32
    return [float("%.9g" % x) for x in values.ravel()]


def episode(env, seed, bound, policy):
    observation, _ = env.reset(seed=seed, options={"low": -bound, "high": bound})
    result = {"state": [float(x) for x in env.unwrapped.state],  # float64
              "observations": [float32s(observation)],
              "actions": [], "rewards": [], "terminated": [], "truncated": []}
    while True:
        action = policy(observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        result["actions"].append(int(action))
        result["observations"].append(float32s(observation))
        result["rewards"].append(float(reward))
        result["terminated"].append(bool(terminated))
        result["truncated"].append(bool(truncated))
        if terminated or truncated:
            return result


def cartpole():
    env = gymnasium.make("CartPole-v1")
    rng = np.random.default_rng(4)
    random = lambda observation: rng.integers(2)
    noisy = lambda observation: rng.integers(2) if rng.random() < 0.7 else balance(observation)
    episodes = [
        episode(env, 0, 0.05, balance),                         # reaches the limit
        episode(env, 1, 0.05, lambda o: 0),                     # falls at once
        episode(env, 2, 0.05, lambda o: 1),
        episode(env, 3, 0.05, lambda o: balance(o, 0.2)),      # runs out of the track
        episode(env, 4, 0.05, lambda o: balance(o, -0.2)),
        episode(env, 5, 0.05, random),
        episode(env, 6, 0.05, random),
        episode(env, 7, 0.05, noisy),
        episode(env, 8, 0.20, random),                          # starts fast and tilted
        episode(env, 9, 0.20, noisy),
    ]
    starts = np.array([env.reset(seed=s)[0] for s in range(200)])
    return {"id": env.spec.id,
            "max_episode_steps": env.spec.max_episode_steps,
            "reward_threshold": env.spec.reward_threshold,
            "observation_space": space(env.observation_space),
            "action_space": space(env.action_space),
            "least_start": float(starts.min()), "largest_start": float(starts.max()),
            "episodes": episodes}


def write(path, recorded):
    """A line for each field of an episode."""
    head = {key: value for key, value in recorded.items() if key != "episodes"}
    with open(path, "w") as f:
        f.write("{\n")
        for key, value in head.items():
            f.write(f'"{key}": {json.dumps(value)},\n')
        f.write('"episodes": [\n')
        f.write(",\n".join(
            "{" + ",\n".join(f'"{k}": {json.dumps(v, separators=(",", ":"))}'
                             for k, v in e.items()) + "}" for e in recorded["episodes"]))
        f.write("\n]}\n")
    for e in recorded["episodes"]:
        print(path.name, len(e["actions"]), "terminated" if e["terminated"][-1] else "truncated",
              e["observations"][-1])


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    write(folder / "cartpole_gymnasium.json",
          {"recorded_with": f"gymnasium {gymnasium.__version__}, numpy {np.__version__}",
           **cartpole()})
