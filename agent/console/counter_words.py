"""What the parts count, as people read it (pure): with a unit, and no more digits than anybody needs."""

from typing import Final

_SCALES: Final = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_WHOLE: Final = 100.0  # from here on fractions tell nothing


def counter_words(name: str, value: float) -> tuple[str, str]:
    """Return a counter's name and value in words.

    The unit is in the name: ``_bytes``, ``_seconds`` (a histogram's ``_sum`` and ``_count`` behind it), and
    ``_connected`` for yes or no. A size below 0 is not known.
    """
    stem = name.removesuffix("_total")
    for ending, words, unit in _ENDINGS:
        if stem.endswith(ending):
            return _named(f"{stem.removesuffix(ending)}{words}"), unit(value)
    return _named(stem), _number(value)


def _named(stem: str) -> str:
    return stem.replace("_", " ")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value.is_integer() or abs(value) >= _WHOLE else f"{round(value, 3):.3g}"


def _size(value: float) -> str:
    if value < 0:
        return "not known"
    scale, unit = next(((scale, unit) for scale, unit in _SCALES if value >= scale), (1.0, "B"))
    return f"{_number(value / scale)} {unit}"


def _time(value: float) -> str:
    return f"{_number(value)} s"


def _yes(value: float) -> str:
    return "yes" if value else "no"


_ENDINGS: Final = (
    ("_seconds_sum", ": time in all", _time),
    ("_seconds_count", ": batches", _number),
    ("_seconds", "", _time),
    ("_bytes", "", _size),
    ("_connected", " connected", _yes),
)
