import unittest

from judge import faults
from sample import result, row, summary


class FaultsTest(unittest.TestCase):
    def assert_fault(self, text, row, result):
        found = faults(row, result)
        self.assertEqual(len(found), 1, found)
        self.assertIn(text, found[0])

    def test_passes(self):
        self.assertEqual(faults(row(), result()), [])

    def test_passes_at_each_limit(self):
        at_limit = result(
            wall_seconds=30.0,
            summary=summary(frames=2_000_000),
            eval={"episodes": 100, "mean": 475.0, "std": 0.0},
        )
        self.assertEqual(faults(row(), at_limit), [])

    def test_train_failed(self):
        self.assert_fault("exit code 1", row(), result(exit_code=1, summary=None, eval=None))

    def test_no_summary(self):
        self.assert_fault("summary.json", row(), result(summary=None))

    def test_another_seed(self):
        self.assert_fault("seed 7", row(), result(summary=summary(seed=7)))

    def test_more_frames_than_the_budget(self):
        self.assert_fault("2000001 frames", row(), result(summary=summary(frames=2_000_001)))

    def test_target_not_reached(self):
        missed = result(summary=summary(reached_target=False))
        self.assert_fault("target 475", row(), missed)
        self.assertEqual(faults(row(target=None), missed), [])

    def test_too_slow(self):
        slow = result(wall_seconds=30.01)
        self.assert_fault("more than 30", row(), slow)
        self.assertEqual(faults(row(seconds=None), slow), [])

    def test_final_policy(self):
        self.assert_fault("not be evaluated", row(), result(eval=None))
        for mean in [474.99, float("nan"), None]:
            with self.subTest(mean=mean):
                bad = result(eval={"episodes": 100, "mean": mean, "std": 1.0})
                self.assert_fault("mark 475", row(), bad)
        few = result(eval={"episodes": 99, "mean": 500.0, "std": 0.0})
        self.assert_fault("99 episodes", row(), few)


if __name__ == "__main__":
    unittest.main()
