"""Interquartile mean, with its bootstrap interval: Agarwal et al. 2021, "Deep Reinforcement
Learning at the Edge of the Statistical Precipice" (rliable)."""

import random
import statistics


def interquartile_mean(values):
    """Mean of what is left when a quarter of the values, rounded down, is cut from each end."""
    cut = len(values) // 4
    return statistics.fmean(sorted(values)[cut : len(values) - cut])


def quantile(values, q):
    """Of sorted values; linear between two of them."""
    position = q * (len(values) - 1)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (position - below) * (values[above] - values[below])


def bootstrap_interval(values, statistic=interquartile_mean, level=0.95, samples=10_000, seed=0):
    """Percentile interval of the statistic over seeds drawn again with replacement. A row is one
    stratum: seeds are drawn only among its own. The same values give the same interval."""
    draw = random.Random(seed)
    outcomes = sorted(statistic(draw.choices(values, k=len(values))) for _ in range(samples))
    tail = (1 - level) / 2
    return quantile(outcomes, tail), quantile(outcomes, 1 - tail)
