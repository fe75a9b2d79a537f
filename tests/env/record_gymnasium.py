"""Records episodes of Gymnasium's environments for the tests of the native ones.

    python3 -m venv /tmp/gymnasium
    /tmp/gymnasium/bin/pip install gymnasium==1.2.2 numpy==2.4.6
    /tmp/gymnasium/bin/python tests/env/record_gymnasium.py tests/env

writes tests/env/<environment>_gymnasium.json. Nothing of this is needed to build, run or test Drover.
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


STATES_EVERY = 20  # steps; between them the last bits of two platforms may drift apart


def episode(env, seed, policy, options=None, state=None):
    observation, _ = env.reset(seed=seed, options=options)
    if state is not None:
        env.unwrapped.state = state(env.unwrapped.state)
    result = {"states": [],  # float64, before steps 0, STATES_EVERY, …
              "observations": [float32s(observation)],
              "actions": [], "rewards": [], "terminated": [], "truncated": []}
    while True:
        if len(result["actions"]) % STATES_EVERY == 0:
            result["states"].append([float(x) for x in env.unwrapped.state])
        action = policy(observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        discrete = isinstance(env.action_space, gymnasium.spaces.Discrete)
        result["actions"].append(int(action) if discrete else float32s(action)[0])
        result["observations"].append(float32s(observation))
        result["rewards"].append(float(reward))
        result["terminated"].append(bool(terminated))
        result["truncated"].append(bool(truncated))
        if terminated or truncated:
            return result


def recording(env, episodes):
    starts = np.array([env.reset(seed=s)[0] for s in range(200)])
    return {"recorded_with": f"gymnasium {gymnasium.__version__}, numpy {np.__version__}",
            "id": env.spec.id,
            "max_episode_steps": env.spec.max_episode_steps,
            "reward_threshold": env.spec.reward_threshold,
            "observation_space": space(env.observation_space),
            "action_space": space(env.action_space),
            "least_start": float32s(starts.min(axis=0)),
            "largest_start": float32s(starts.max(axis=0)),
            "states_every": STATES_EVERY,
            "episodes": episodes}


def cartpole():
    env = gymnasium.make("CartPole-v1")
    rng = np.random.default_rng(4)
    random = lambda observation: rng.integers(2)
    noisy = lambda observation: rng.integers(2) if rng.random() < 0.7 else balance(observation)
    start = lambda bound: {"low": -bound, "high": bound}
    return recording(env, [
        episode(env, 0, balance, start(0.05)),                       # reaches the limit
        episode(env, 1, lambda o: 0, start(0.05)),                   # falls at once
        episode(env, 2, lambda o: 1, start(0.05)),
        episode(env, 3, lambda o: balance(o, 0.2), start(0.05)),     # runs out of the track
        episode(env, 4, lambda o: balance(o, -0.2), start(0.05)),
        episode(env, 5, random, start(0.05)),
        episode(env, 6, random, start(0.05)),
        episode(env, 7, noisy, start(0.05)),
        episode(env, 8, random, start(0.20)),                        # starts fast and tilted
        episode(env, 9, noisy, start(0.20)),
    ])


def torque(value):
    return np.array([value], dtype=np.float32)


def swing_up(observation):
    """Pumps energy, then holds the rod up."""
    cosine, sine, speed = observation
    if cosine > 0.9:
        return torque(-10 * sine - 2 * speed)  # within the bounds only near the top
    return torque(2 if speed >= 0 else -2)


def pendulum():
    env = gymnasium.make("Pendulum-v1")
    rng = np.random.default_rng(5)
    return recording(env, [
        episode(env, 0, swing_up),
        episode(env, 1, swing_up),
        episode(env, 2, lambda o: torque(rng.uniform(-2, 2))),
        episode(env, 3, lambda o: torque(rng.normal() * 3)),         # often out of bounds
        episode(env, 4, lambda o: torque(2), {"x_init": 3, "y_init": 8}),  # at the speed's bound
    ])


def mountain_car_continuous():
    env = gymnasium.make("MountainCarContinuous-v0")
    rng = np.random.default_rng(6)
    single = lambda state: np.array(state, dtype=np.float32)  # as it is after a step
    swing = lambda force: lambda o: torque(force if o[1] >= 0 else -force)
    return recording(env, [
        episode(env, 0, swing(1), None, single),
        episode(env, 1, swing(0.7), None, single),
        episode(env, 2, swing(1.5), None, single),                   # out of bounds
        episode(env, 3, lambda o: torque(-1), {"low": -1.15, "high": -1.1}, single),  # at the wall
        episode(env, 4, lambda o: torque(rng.normal()), None, single),
    ])


def acrobot():
    env = gymnasium.make("Acrobot-v1")
    rng = np.random.default_rng(7)
    swing = lambda o: 2 if o[4] < 0 else 0  # against the first link
    noisy = lambda o: rng.integers(3) if rng.random() < 0.3 else swing(o)
    return recording(env, [
        episode(env, 0, swing),
        episode(env, 1, noisy),
        episode(env, 2, noisy),
        episode(env, 3, lambda o: rng.integers(3)),
        episode(env, 4, lambda o: 1),                                # hangs until the limit
        episode(env, 5, swing, {"low": -1.0, "high": 1.0}),
    ])


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
    for record in (acrobot, cartpole, mountain_car_continuous, pendulum):
        write(folder / f"{record.__name__}_gymnasium.json", record())
