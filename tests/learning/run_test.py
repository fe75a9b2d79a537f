"""Two tiny rows from end to end: one that any policy passes, one that none can."""

import contextlib
import io
import json
import os
import pathlib
import unittest

import run
from table import HEAD

ROWS = [
    {
        "name": name,
        "config": "configs/catch_impala.textproto",
        "frames": 20_000,
        "mark": mark,
        "episodes": 20,
        "seeds": [1, 2],
        "set": ["target.return=2"],  # out of reach: the budget ends the run
    }
    for name, mark in [("easy", -1), ("impossible", 1.5)]
]


class RunTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(os.environ["TEST_TMPDIR"])
        cls.readme = cls.folder / "README.md"
        cls.readme.write_text("<!-- results:begin --><!-- results:end -->", encoding="utf-8")
        rows = cls.folder / "rows.json"
        rows.write_text(json.dumps(ROWS), encoding="utf-8")
        cls.options = [
            f"--rows_file={rows}",
            f"--drover={run.ROOT / 'cli/drover'}",
            f"--readme={cls.readme}",
            f"--out={cls.folder / 'results'}",
            f"--runs={cls.folder / 'runs'}",
            "--timeout=120",
        ]
        cls.code = run.main(cls.options)

    def result(self, name):
        return json.loads((self.folder / f"results/{name}.json").read_text(encoding="utf-8"))

    def test_fails_if_a_row_does(self):
        self.assertEqual(self.code, 1)
        for seed in self.result("impossible")["seeds"]:
            (fault,) = seed["faults"]
            self.assertIn("mark 1.5", fault)

    def test_raw_results(self):
        result = self.result("easy")
        unset = {"target": None, "seconds": None, "passes": None, "at_most": None}
        self.assertEqual(result["row"], {**ROWS[0], **unset})
        self.assertLessEqual({"commit", "dirty", "machine", "date"}, set(result))
        self.assertEqual([seed["seed"] for seed in result["seeds"]], [1, 2])
        for seed in result["seeds"]:
            with self.subTest(seed=seed["seed"]):
                self.assertEqual(seed["faults"], [])
                self.assertEqual(seed["eval"]["episodes"], 20)
                self.assertEqual(seed["summary"]["seed"], seed["seed"])
                self.assertLessEqual(seed["summary"]["frames"], 20_000)
                frames, seconds, mean = seed["training_curve"][-1]
                self.assertLessEqual(frames, 20_000)
                self.assertGreater(seconds, 0)
                self.assertTrue(-1 <= mean <= 1, mean)

    def test_the_table_is_in_both_pages(self):
        page = self.readme.read_text(encoding="utf-8")
        self.assertIn(HEAD + "| [easy](results/easy.json) | ≥ -1 within 20,000 frames | 2 of 2", page)
        self.assertIn("| [impossible](results/impossible.json) | ≥ 1.5 within", page)
        self.assertIn("| 0 of 2 |", (self.folder / "results/README.md").read_text(encoding="utf-8"))

    def test_other_seeds_are_not_reported(self):
        out = self.folder / "tuning"
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            code = run.main([*self.options, f"--out={out}", "easy", "--seeds", "100"])
        self.assertEqual(code, 0)
        self.assertIn("1 of 1", printed.getvalue())
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
