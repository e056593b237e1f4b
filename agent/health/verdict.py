"""Whether a device is normal now, and since when (state): with hysteresis, for verification stands on it.

One noisy sample makes nobody ill, and a signal that merely dips below the threshold makes nobody well.
"""

from dataclasses import dataclass
from typing import Final

ILL_FROM: Final = 3.3  # a state, −log10 of a probability: five in ten thousand
_ILL_AFTER: Final = 2  # samples in a row
WELL_BELOW: Final = 2.0
_WELL_AFTER: Final = 3  # samples in a row


@dataclass(slots=True)
class Verdict:
    """What one device's states add up to. ``normal_since_s`` is in Unix seconds; ``None``: ill, or nothing known.

    ``run`` counts the samples in a row that speak for a change, ``ill_samples`` those since it fell ill.
    """

    ill: bool = False
    normal_since_s: float | None = None
    run: int = 0
    run_since_s: float = 0.0
    ill_samples: int = 0

    def take(self, state: float, at_s: float) -> None:
        """Take the state of one judged sample."""
        if self.ill:
            self.ill_samples += 1
        speaks = state < WELL_BELOW if self.ill else state >= ILL_FROM
        if not speaks:
            self.run = 0
            if not self.ill and self.normal_since_s is None:
                self.normal_since_s = at_s
            return
        self.run += 1
        if self.run == 1:
            self.run_since_s = at_s
        if self.run < (_WELL_AFTER if self.ill else _ILL_AFTER):
            return
        self.ill = not self.ill
        self.normal_since_s = None if self.ill else self.run_since_s
        self.run = self.ill_samples = 0

    def interrupt(self) -> None:
        """Forget since when it is normal: something was missed, or it is not judged."""
        self.normal_since_s = None
