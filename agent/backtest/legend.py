"""What the signs in a device's picture mean (pure): only those that are in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agent.backtest.alarm import AlarmKind

_LETTER: Final = 6.6  # pixels, for text of 12
_SIGN: Final = 36


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry: a shape in a look, its words, and how far before the right edge it stands."""

    shape: str
    look: str
    text: str
    before: float


def legend(kinds: Iterable[AlarmKind], bands: Iterable[str], *, judged: bool) -> tuple[Sign, ...]:
    """Return the signs of a picture, left to right.

    Args:
        kinds: of the alarms in it.
        bands: kinds of stretches in it: event, failure, quiet.
        judged: whether alarms are told right from false.
    """
    words = {"event": "labelled event", "failure": "failure", "quiet": "alarms quiet"}
    seen = set(bands)
    entries = [(band, "none", text) for band, text in words.items() if band in seen]
    shown = set(kinds)
    entries += [(kind.value, "unknown", kind.value) for kind in AlarmKind if kind in shown]
    if judged and shown:
        entries += [("onset", "right", "right"), ("onset", "false", "false")]
    signs: list[Sign] = []
    before = 0.0
    for shape, look, text in reversed(entries):
        before += _SIGN + _LETTER * len(text)
        signs.append(Sign(shape, look, text, round(before, 1)))
    return tuple(reversed(signs))
