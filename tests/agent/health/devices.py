"""Synthetic devices with a daily rhythm, regimes, slow weather and spikes, for the tests of this folder."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.health.interface import Model, Samples, Scores
from agent.health.river_model import RiverModel

DAY = 1_440  # samples, one a minute


@dataclass(frozen=True, slots=True)
class Life:
    """Some days of one device: times in Unix seconds, values ``(n, 9)``, regimes."""

    at_s: NDArray[np.float64]
    values: NDArray[np.float32]
    regime: NDArray[np.int32]

    def cut(self, start: int, stop: int) -> "Life":
        return Life(self.at_s[start:stop], self.values[start:stop].copy(), self.regime[start:stop])


def wandering(chance: np.random.Generator, samples: int, memory: float) -> NDArray[np.float64]:
    """Noise of variance 1 whose neighbours are alike: correlation ``memory`` from one sample to the next."""
    noise = chance.normal(size=samples) * np.sqrt(1 - memory**2)
    out = np.empty(samples)
    last = chance.normal()
    for place in range(samples):
        last = out[place] = memory * last + noise[place]
    return out


def healthy(seed: int, days: int) -> Life:
    chance = np.random.default_rng(seed)
    samples = days * DAY
    minutes = np.arange(samples)
    rhythm = np.sin(2 * np.pi * minutes / DAY)
    regime = ((minutes // 60) % 24 < 8).astype(np.int32)
    columns = [
        wandering(chance, samples, 0.8),
        chance.normal(size=samples) + 3.0 * rhythm,
        chance.normal(size=samples),
        chance.normal(size=samples) + 5.0 * regime,
        wandering(chance, samples, 0.9) + rhythm,
        np.where(chance.random(samples) < 0.02, chance.exponential(20.0, samples), 0.0),
        np.round(2.0 * chance.normal(size=samples)),
        wandering(chance, samples, 0.99),
        np.full(samples, 48.0),
    ]
    return Life(
        np.asarray(1.79e9 + minutes * 60.0, np.float64), np.stack(columns, axis=1).astype(np.float32) + 50.0, regime
    )


def model_of(life: Life) -> tuple[RiverModel, Scores]:
    model = RiverModel()
    model.grow(1)
    return model, live(model, life)


def live(model: Model, life: Life, *, device: int = 0, learn: bool = True) -> Scores:
    count = len(life.at_s)
    return model.step(
        Samples(np.full(count, device, np.int32), life.at_s, life.values, life.regime, np.full(count, learn, np.bool_))
    )
