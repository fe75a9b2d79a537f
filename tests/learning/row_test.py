import json
import pathlib
import tempfile
import unittest

from row import RowError, choose_rows, load_rows

HERE = pathlib.Path(__file__).parent


class LoadRowsTest(unittest.TestCase):
    def load(self, *entries):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(entries, file)
            file.flush()
            return load_rows(file.name)

    entry = {"name": "a", "config": "c", "frames": 1, "mark": 2, "episodes": 3, "seeds": [1]}

    def test_the_table(self):
        rows = load_rows(HERE / "rows.json")
        self.assertEqual(len({row.name for row in rows}), len(rows))
        for row in rows:
            config = HERE.parents[1] / row.config
            self.assertTrue(config.exists(), config)

    def test_defaults(self):
        (row,) = self.load(self.entry)
        self.assertEqual((row.target, row.seconds, row.set), (None, None, []))

    def test_unknown_and_missing_fields_are_named(self):
        with self.assertRaisesRegex(RowError, "row a.*'marc'"):
            self.load({**self.entry, "marc": 2})
        with self.assertRaisesRegex(RowError, "row a.*'seeds'"):
            self.load({k: v for k, v in self.entry.items() if k != "seeds"})

    def test_seeds_that_are_for_tuning_cannot_be_reported(self):
        for seeds in [[1, 100], []]:
            with self.assertRaisesRegex(RowError, "below 100"):
                self.load({**self.entry, "seeds": seeds})

    def test_choice(self):
        rows = self.load(self.entry, {**self.entry, "name": "cartpole_ppo"})
        self.assertEqual(choose_rows(rows, []), rows)
        self.assertEqual(choose_rows(rows, ["cartpole_ppo"]), rows[1:])
        with self.assertRaisesRegex(RowError, "did you mean cartpole_ppo"):
            choose_rows(rows, ["cartpole_pop"])


if __name__ == "__main__":
    unittest.main()
