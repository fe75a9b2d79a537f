import dataclasses
import unittest

import sample
from table import HEAD, insert, table


def results(seeds, **changes):
    return {
        "row": dataclasses.asdict(sample.row()),
        "commit": "0123456789abcdef",
        "dirty": False,
        "seeds": seeds,
        **changes,
    }


def seed(number, mean, frames, seconds, faults=()):
    evaluation = {"episodes": 100, "mean": mean, "std": 1.0} if mean is not None else None
    found = sample.result(
        seed=number, eval=evaluation, frames_to_mark=frames, seconds_to_mark=seconds
    )
    return {"faults": list(faults), **found}


class TableTest(unittest.TestCase):
    def test_a_row_that_passes(self):
        seeds = [seed(i, 490.0, 100_000 * i, 10.0 * i) for i in range(1, 6)]
        self.assertEqual(
            table([results(seeds)], "docs/results/"),
            HEAD + "| [cartpole_impala](docs/results/cartpole_impala.json)"
            " | ≥ 475 within 2,000,000 frames, 30 s | 5 of 5 | 490.0 [490.0, 490.0]"
            " | 300,000 | 30.0 | 0123456789 |\n",
        )

    def test_seeds_that_never_came_there_count_as_infinitely_late(self):
        seeds = [seed(1, 490.0, 100_000, 1.0), seed(2, 480.0, 200_000, 2.0)]
        seeds += [seed(i, 100.0, None, None, ["mark"]) for i in (3, 4, 5)]
        line = table([results(seeds, dirty=True)]).splitlines()[-1]
        self.assertIn("| 2 of 5 | 226.7 [", line)
        self.assertIn("] | — | — | 0123456789 + changes |", line)

    def test_a_seed_without_a_policy_spoils_the_mean(self):
        seeds = [seed(1, 490.0, 100_000, 1.0), seed(2, None, None, None, ["failed"])]
        self.assertIn("not every seed has a policy", table([results(seeds)]))


    def test_a_row_that_asks_for_some_of_its_seeds(self):
        content = results([seed(1, 490.0, 100_000, 1.0)])
        content["row"]["passes"] = 4
        self.assertIn("2,000,000 frames, 30 s, 4 seeds |", table([content]))
        content["row"]["passes"] = None
        content["row"]["at_most"] = 2
        self.assertIn("2,000,000 frames, 30 s, at most 2 seeds |", table([content]))


class InsertTest(unittest.TestCase):
    page = "# Drover\n<!-- results:begin -->\nold\n<!-- results:end -->\nmore\n"

    def test_replaces_what_is_between_the_markers(self):
        once = insert(self.page, "| new |\n")
        self.assertEqual(
            once, "# Drover\n<!-- results:begin -->\n| new |\n<!-- results:end -->\nmore\n"
        )
        self.assertEqual(insert(once, "| new |\n"), once)

    def test_a_page_without_markers(self):
        self.assertIsNone(insert("# Drover\n", "| new |\n"))


if __name__ == "__main__":
    unittest.main()
