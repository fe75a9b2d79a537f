import unittest

from judge import faults, row_passes
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


class RowTest(unittest.TestCase):
    def passes(self, good, bad, **changes):
        results = [{"faults": [], "eval": {"mean": 500.0}} for _ in range(good)]
        results += [{"faults": ["mark"], "eval": {"mean": 0.0}} for _ in range(bad)]
        return row_passes(row(seeds=[1, 2, 3, 4, 5], **changes), results)

    def test_every_seed_or_as_many_as_it_says(self):
        self.assertTrue(self.passes(5, 0))
        self.assertFalse(self.passes(4, 1))
        self.assertTrue(self.passes(4, 1, passes=4))
        self.assertFalse(self.passes(3, 2, passes=4))
        self.assertTrue(self.passes(2, 0))  # fewer were run

    def test_at_most_so_many(self):
        self.assertTrue(self.passes(2, 3, at_most=2))
        self.assertTrue(self.passes(0, 5, at_most=2))
        self.assertFalse(self.passes(3, 2, at_most=2))

    def test_a_seed_that_broke_shows_nothing(self):
        broken = [{"faults": ["exit code 1"], "eval": None}]
        self.assertFalse(row_passes(row(at_most=2), broken))


if __name__ == "__main__":
    unittest.main()
