import itertools
import unittest

from bootstrap import bootstrap_interval, interquartile_mean, quantile


class InterquartileMeanTest(unittest.TestCase):
    def test_cuts_a_quarter_from_each_end(self):
        self.assertEqual(interquartile_mean([1000, 2, 4, -1000]), 3)

    def test_rounds_the_quarter_down(self):
        self.assertEqual(interquartile_mean([0, 10, 20, 60, 500]), 30)
        self.assertEqual(interquartile_mean([1, 2, 9]), 4)
        self.assertEqual(interquartile_mean([7]), 7)

    def test_eight_values(self):
        self.assertEqual(interquartile_mean([8, 1, 2, 7, 3, 6, 4, 50]), 5)


class BootstrapIntervalTest(unittest.TestCase):
    values = [310.5, 402.0, 476.25, 488.0, 500.0]

    def test_is_that_of_all_samples_that_could_be_drawn(self):
        outcomes = sorted(interquartile_mean(s) for s in itertools.product(self.values, repeat=5))
        low, high = bootstrap_interval(self.values)
        self.assertAlmostEqual(low, quantile(outcomes, 0.025), delta=3)
        self.assertAlmostEqual(high, quantile(outcomes, 0.975), delta=3)
        self.assertLess(low, interquartile_mean(self.values))
        self.assertGreater(high, interquartile_mean(self.values))

    def test_is_the_same_each_time(self):
        self.assertEqual(bootstrap_interval(self.values), bootstrap_interval(self.values))

    def test_of_equal_values_has_no_width(self):
        self.assertEqual(bootstrap_interval([500.0] * 5), (500, 500))


class QuantileTest(unittest.TestCase):
    def test_is_linear_between_values(self):
        self.assertEqual(quantile([0, 10, 20], 0), 0)
        self.assertEqual(quantile([0, 10, 20], 0.25), 5)
        self.assertEqual(quantile([0, 10, 20], 1), 20)


if __name__ == "__main__":
    unittest.main()
