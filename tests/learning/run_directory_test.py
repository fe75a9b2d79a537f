import json
import pathlib
import tempfile
import unittest

from run_directory import (
    evaluation_curve,
    reached_mark,
    read_metrics,
    read_summary,
    thin,
    training_curve,
)
from sample import summary


def progress(frames, seconds, mean_return, time=1000.0):
    return {
        "time": time + seconds,
        "seconds": seconds,
        "frames": frames,
        "mean_return": mean_return,
    }


class ReadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.directory = pathlib.Path(folder.name)

    def test_a_run_that_wrote_nothing(self):
        self.assertIsNone(read_summary(self.directory))
        self.assertEqual(read_metrics(self.directory), [])

    def test_a_line_that_was_cut_short_is_left_out(self):
        line = progress(1280, 0.5, 20.0)
        (self.directory / "metrics.jsonl").write_text(json.dumps(line) + '\n{"time": 10')
        self.assertEqual(read_metrics(self.directory), [line])


class CurveTest(unittest.TestCase):
    def test_has_the_points_where_training_moved_on(self):
        metrics = [
            progress(0, 0, None),
            progress(100, 1.0, 20.0),
            progress(100, 2.0, 20.0),
            {"time": 1002.5, "evaluation": {"frames": 100, "mean": 25.0}},
            progress(300, 3.0, 30.0),
        ]
        self.assertEqual(training_curve(metrics), [[100, 1.0, 20.0], [300, 3.0, 30.0]])
        self.assertEqual(evaluation_curve(metrics), [[100, 2.5, 25.0]])

    def test_thin_keeps_the_ends(self):
        curve = [[i, i, 0] for i in range(1001)]
        kept = thin(curve, 11)
        self.assertEqual([point[0] for point in kept], list(range(0, 1001, 100)))
        self.assertEqual(thin(curve[:3], 11), curve[:3])


class ReachedMarkTest(unittest.TestCase):
    training = [[100, 1.0, 20.0], [200, 2.0, 480.0], [300, 3.0, 470.0]]
    evaluations = [[150, 1.5, 490.0]]
    no_target = summary(reached_target=False, frames_to_target=None, seconds_to_target=None)

    def test_the_target_says_it_exactly(self):
        self.assertEqual(
            reached_mark(475, summary(), self.training, self.evaluations), (290_000, 11.5)
        )

    def test_the_evaluator_before_training(self):
        self.assertEqual(
            reached_mark(475, self.no_target, self.training, self.evaluations), (150, 1.5)
        )
        self.assertEqual(reached_mark(475, self.no_target, self.training, []), (200, 2.0))

    def test_never(self):
        self.assertEqual(reached_mark(481, self.no_target, self.training, []), (None, None))
        self.assertEqual(reached_mark(475, None, [], []), (None, None))


if __name__ == "__main__":
    unittest.main()
