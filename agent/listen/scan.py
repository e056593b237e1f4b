"""The parts of JSON that usual telemetry is made of, in bytes (pure: compiled).

Each reads one thing at a place and returns the place after it, −1 when it is not there or not of the usual kind: then
the codec decides. Nothing is taken for usual here that the codec would read otherwise.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, C901, PLR0911, PLR0912 - the same, and one loop a thing
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call, assignment"

from typing import Final

import numpy as np

from agent.health.compiled import loop
from broker.limits import MAX_SAMPLES

_DIGITS: Final = 18
_LARGEST: Final = 1e30  # beyond it the codec decides
_EXACT: Final = np.uint64(2**53)
_CLOSE: Final = 2.0**-50
_MOST_POWER: Final = 22
_POWERS: Final = 10.0 ** np.arange(_MOST_POWER + 1)
QUOTE, COLON, COMMA, MINUS, POINT, ZERO, NINE = 34, 58, 44, 45, 46, 48, 57
NO_TIME: Final = -(2**62)
"""What stands for the instant of a sample that was said without one."""
OPEN, CLOSE_BRACE, BRACKET, CLOSE_BRACKET, SPACE, TILDE, BACKSLASH = 123, 125, 91, 93, 32, 126, 92


@loop
def blank(body, at, end):
    """Return the place after spaces."""
    while at < end and (body[at] == SPACE or body[at] == 10 or body[at] == 13 or body[at] == 9):  # noqa: PLR2004
        at += 1
    return at


@loop
def text(body, at, end, most):
    """Return the place after the closing quote of a text of 1 to ``most`` plain characters, −1 when it is none."""
    if at >= end or body[at] != QUOTE:
        return -1
    start = at + 1
    at = start
    while at < end and body[at] != QUOTE:
        if body[at] < SPACE or body[at] > TILDE or body[at] == BACKSLASH:
            return -1
        at += 1
    return at + 1 if at < end and 1 <= at - start <= most else -1


@loop
def whole(body, at, end):
    """Return the place after a whole number of 1 to 15 digits without a sign, and the number; −1 when it is none."""
    start = at
    number = np.int64(0)
    while at < end and ZERO <= body[at] <= NINE and at - start < 16:  # noqa: PLR2004 - a digit more than is taken
        number = number * 10 + np.int64(body[at] - ZERO)
        at += 1
    digits = at - start
    if digits == 0 or digits > 15 or (digits > 1 and body[start] == ZERO):  # noqa: PLR2004 - see above
        return -1, number
    return at, number


@loop
def number(body, at, end):
    """Return the place after a number and its value in single precision; −1 when the codec must decide.

    A decimal of few digits and a small power of ten is one exact division; of one with more digits the single-precision
    value is certain when it is the same a little below and a little above.
    """
    negative = at < end and body[at] == MINUS
    if negative:
        at += 1
    start = at
    mantissa = np.uint64(0)
    while at < end and ZERO <= body[at] <= NINE:
        mantissa = mantissa * np.uint64(10) + np.uint64(body[at] - ZERO)
        at += 1
        if at - start > _DIGITS:
            return -1, np.float32(0.0)
    digits = at - start
    if digits == 0 or (digits > 1 and body[start] == ZERO):
        return -1, np.float32(0.0)
    power = 0
    if at < end and body[at] == POINT:
        at += 1
        first = at
        while at < end and ZERO <= body[at] <= NINE:
            mantissa = mantissa * np.uint64(10) + np.uint64(body[at] - ZERO)
            at += 1
            if digits + at - first > _DIGITS:
                return -1, np.float32(0.0)
        power = first - at
        if power == 0:
            return -1, np.float32(0.0)
    elif negative and mantissa == 0:
        return -1, np.float32(0.0)
    if at < end and (body[at] == 101 or body[at] == 69):  # noqa: PLR2004 - e and E
        at += 1
        down = at < end and body[at] == MINUS
        if at < end and (body[at] == MINUS or body[at] == 43):  # noqa: PLR2004 - a plus
            at += 1
        first = at
        exponent = 0
        while at < end and ZERO <= body[at] <= NINE:
            exponent = exponent * 10 + np.int64(body[at] - ZERO)
            at += 1
            if at - first > 3:  # noqa: PLR2004 - far beyond what is taken
                return -1, np.float32(0.0)
        if at == first:
            return -1, np.float32(0.0)
        power += -exponent if down else exponent
    if power > _MOST_POWER or power < -_MOST_POWER:
        return -1, np.float32(0.0)
    value = np.float64(mantissa)
    value = value / _POWERS[-power] if power < 0 else value * _POWERS[power]
    if value > _LARGEST:
        return -1, np.float32(0.0)
    single = np.float32(value)
    if mantissa > _EXACT and np.float32(value * (1.0 - _CLOSE)) != np.float32(value * (1.0 + _CLOSE)):
        return -1, np.float32(0.0)
    return at, -single if negative else single


@loop
def null(body, at, end):
    """Return the place after ``null``, which its first letter has promised; −1 when it is something else."""
    is_null = at + 4 <= end and body[at + 1] == 117 and body[at + 2] == 108 and body[at + 3] == 108  # noqa: PLR2004
    return at + 4 if is_null else -1


@loop
def reading(body, at, end):
    """Return the place after a number, a boolean or a blank, and its value; −1 when it is none of them."""
    if at + 4 <= end:
        if body[at] == 110:  # noqa: PLR2004 - null
            return null(body, at, end), np.float32(np.nan)
        if body[at] == 116:  # noqa: PLR2004 - true
            if body[at + 1] == 114 and body[at + 2] == 117 and body[at + 3] == 101:  # noqa: PLR2004
                return at + 4, np.float32(1.0)
            return -1, np.float32(0.0)
        if body[at] == 102:  # noqa: PLR2004 - false
            if at + 5 <= end and body[at + 1] == 97 and body[at + 2] == 108 and body[at + 3] == 115:  # noqa: PLR2004
                return (at + 5 if body[at + 4] == 101 else -1), np.float32(0.0)  # noqa: PLR2004
            return -1, np.float32(0.0)
    return number(body, at, end)


@loop
def instants(body, at, end, times, first):
    """Read one instant or ``null``, or a list of instants; return the place after it and how many, 0: one; −1: none."""
    if body[at] == 110:  # noqa: PLR2004 - null
        times[first] = NO_TIME
        return null(body, at, end), 0
    alone = body[at] != BRACKET
    if not alone:
        at = blank(body, at + 1, end)
    count = 0
    while at < end:
        negative = body[at] == MINUS
        at, instant = whole(body, at + 1 if negative else at, end)
        if at < 0 or count >= MAX_SAMPLES or (negative and instant == 0):
            return -1, 0
        times[first + count] = -instant if negative else instant
        count += 1
        if alone:
            return at, 0
        at = blank(body, at, end)
        if at >= end:
            return -1, 0
        if body[at] == CLOSE_BRACKET:
            return at + 1, count
        if body[at] != COMMA:
            return -1, 0
        at = blank(body, at + 1, end)
    return -1, 0


@loop
def readings(body, at, end, values, first):
    """Read a list of readings; return the place after it and how many; −1 when it is none."""
    at = blank(body, at + 1, end)
    count = 0
    while at < end:
        at, value = reading(body, at, end)
        if at < 0 or count >= MAX_SAMPLES:
            return -1, 0
        values[first + count] = value
        count += 1
        at = blank(body, at, end)
        if at >= end:
            return -1, 0
        if body[at] == CLOSE_BRACKET:
            return at + 1, count
        if body[at] != COMMA:
            return -1, 0
        at = blank(body, at + 1, end)
    return -1, 0
