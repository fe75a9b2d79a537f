"""A tiny training run, read with the packages that people read such files with."""

import json
import os
import pathlib
import subprocess
import unittest

import numpy as np
from safetensors.numpy import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

RUN = pathlib.Path(os.environ["TEST_TMPDIR"]) / "run"

# Catch-v0's 10 x 5 pixels, configs/catch_impala.textproto's two layers of 64, 3 actions.
SHAPES = {
    "policy.torso.0.weight": (64, 50),
    "policy.torso.0.bias": (64,),
    "policy.torso.1.weight": (64, 64),
    "policy.torso.1.bias": (64,),
    "policy.head.0.weight": (3, 64),
    "policy.head.0.bias": (3,),
    "value.torso.0.weight": (64, 50),
    "value.torso.0.bias": (64,),
    "value.torso.1.weight": (64, 64),
    "value.torso.1.bias": (64,),
    "value.head.0.weight": (1, 64),
    "value.head.0.bias": (1,),
}


class InteropTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = ["cli/drover", "train", "configs/catch_impala.textproto", f"--run_dir={RUN}"]
        command += ["--actors=1", "--max_frames=20000", "--set", "target.return=2"]  # out of reach
        subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
        cls.summary = json.loads((RUN / "summary.json").read_text(encoding="utf-8"))

    def newest_checkpoint(self):
        return max((RUN / "checkpoints").glob("[0-9]*"), key=lambda path: int(path.name))

    def test_safetensors_reads_the_weights(self):
        newest = self.newest_checkpoint()
        self.assertEqual(int(newest.name), self.summary["version"])
        weights = load_file(newest / "weights.safetensors")
        self.assertEqual({name: array.shape for name, array in weights.items()}, SHAPES)
        for name, array in weights.items():
            with self.subTest(name):
                self.assertEqual(array.dtype, np.float32)
                self.assertTrue(np.isfinite(array).all())
                self.assertTrue(array.any(), "all zero after training")

    def test_safetensors_reads_the_optimizer(self):
        for name, array in load_file(self.newest_checkpoint() / "optimizer.safetensors").items():
            with self.subTest(name):
                self.assertTrue(np.isfinite(array).all())
                self.assertTrue(array.any(), "all zero after training")

    def test_tensorboard_reads_the_curves(self):
        events = EventAccumulator(
            str(RUN / "tensorboard"),
            size_guidance={"scalars": 0},  # all of them
            purge_orphaned_data=False,  # nor any that go back
        )
        events.Reload()
        tags = events.Tags()["scalars"]
        self.assertTrue(tags)
        for tag in tags:
            points = events.Scalars(tag)
            with self.subTest(tag):
                steps = [point.step for point in points]
                self.assertEqual(steps, sorted(steps))
                times = [point.wall_time for point in points]
                self.assertEqual(times, sorted(times))
                self.assertTrue(np.isfinite([point.value for point in points]).all())

        # A proto3 writer may lose zeros: this one stays 0 in a run where nothing goes wrong.
        skipped = events.Scalars("skipped")
        self.assertEqual([point.value for point in skipped], [0] * len(skipped))
        self.assertEqual(
            [point.step for point in skipped], [point.step for point in events.Scalars("updates")]
        )
        last = {tag: events.Scalars(tag)[-1] for tag in ("updates", "mean_return")}
        for tag, point in last.items():
            self.assertEqual(point.step, self.summary["frames"])
            self.assertAlmostEqual(point.value, self.summary[tag], places=5)


if __name__ == "__main__":
    unittest.main()
