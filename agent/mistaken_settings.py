"""What is wrong with settings, in sentences that say what to write (pure)."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_PREFIX = "AMENDS_"
# Not settings of ours, and no mistakes: the simulator's options, the tests' failpoints, and what Kubernetes gives every
# container of a namespace that has a service named amends, or amends-something.
_OF_OTHERS = re.compile(r"AMENDS_(SIM_\w+|FAILPOINT|(\w+_)?SERVICE_(HOST|PORT)(_\w+)?|(\w+_)?PORT_\d+_\w+)")
_ADDRESS = re.compile(r"(tcp|udp|sctp)://.*")
_NOT_A_NUMBER = {
    "float_parsing": "is no number",
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
}
_WITH_COMMA = re.compile(r"([+-]?\d+),(\d{1,2}|\d{4,})")  # not 2,000: whether that is two or two thousand is a guess
_OUT_OF_BOUNDS = frozenset({"greater_than", "greater_than_equal", "less_than", "less_than_equal"})


def unknown_settings(written: Mapping[str, str | None], known: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for each ``AMENDS_…`` name that is no setting: who misspelt one believes that it holds.

    ``written`` are names with their values, of the environment and the ``.env`` file, in any case; ``known`` are
    the names of the settings, without prefix.
    """
    settings = [f"{_PREFIX}{name.upper()}" for name in known]
    names = {name.upper(): value or "" for name, value in written.items()}
    return tuple(
        f"{name}: there is no such setting{_nearest(name, known)}; docs/settings.md lists them all"
        for name, value in sorted(names.items())
        if name.startswith(_PREFIX) and name not in settings and not _is_of_others(name, value)
    )


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name.removeprefix(_PREFIX).lower(), known, n=1)
    return f" (did you mean {_PREFIX}{near[0].upper()}?)" if near else ""


def _is_of_others(name: str, value: str) -> bool:
    return _OF_OTHERS.fullmatch(name) is not None or (name.endswith("_PORT") and _ADDRESS.fullmatch(value) is not None)


def unusable_values(error: ValidationError) -> tuple[str, ...]:
    """Return a sentence for each setting whose value cannot be used."""
    return tuple(
        f"{_PREFIX}{'.'.join(map(str, one['loc'])).upper()}: {_said(one)}" for one in error.errors(include_url=False)
    )


def _said(one: ErrorDetails) -> str:
    """Say it with the value where that is a number; no other is shown, for it may be a password."""
    kind, value = one["type"], str(one["input"])
    if kind in _OUT_OF_BOUNDS:
        return one["msg"].replace("Input", f"`{value}`", 1)
    if kind not in _NOT_A_NUMBER:
        return one["msg"]
    if not value:
        return "is empty; write a number, or leave the line out"
    comma = _WITH_COMMA.fullmatch(value)
    instead = f": write {comma[1]}.{comma[2]}" if comma and kind == "float_parsing" else ""
    return f"`{value}` {_NOT_A_NUMBER[kind]}{instead}"
