"""The usual messages of a block, in bulk (pure: compiled; works on columns).

A message is usual when it continues its device's numbering or skips some of it, comes by a clock that is right, or with
no instant or an impossible one from a device that never had another, has a form whose plan is known and is within the
budget. It does here what ``Heard``, ``Habit`` and ``Fleet.sample`` do one by one, and a test holds that it is the same.
At the first that is not usual it stops.
"""

# Compiled by numba, which finds the types itself.
# ruff: noqa: ANN001, ANN201, ANN202, C901, PLR0911, PLR0912, PLR0913, PLR0915, PLR0917 - the same, and one loop
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

import numpy as np

from agent.health.compiled import loop
from agent.listen.budget import MOST_SAVED, SAMPLES_A_SECOND, TELL_EVERY_MS
from agent.listen.device_clock import AHEAD_MS, OLDEST_MS, STEP_S, WATCH_MS
from agent.listen.plain import REFUSED
from agent.listen.scan import NO_TIME

_BURST_S, _KNOWN_AFTER, _MEMORY, _MANY, _LEAST_S = 1.0, 3, 50, 5.0, 600.0  # as silence.Habit has them
ROWS, SAMPLES, OVER, SKIPS = 0, 1, 2, 3
"""Places in ``done``: rows there are now, new samples, messages over budget, messages that skipped numbers."""


@loop
def advance(start, first_offset, body, places, read, marks, columns, plans, rows, skips, done):
    """Take usual messages from record ``start`` on; return the first that is not usual, or the end.

    Where one skipped numbers, ``skips`` gets its record and the number that was expected.
    """
    for record in range(start, len(places.end)):
        device = read.topic[record]
        form = read.form[record]
        if form == REFUSED:
            continue
        if device < 0 or form < 0:
            return record
        slot = marks.slot[device]
        expected = marks.expected[device]
        if slot < 0 or expected < 0 or expected > read.seq[record]:
            return record
        skipped = expected < read.seq[record]
        if not (marks.forms[device] == form).any():
            return record
        kind = columns.kind[slot]
        if kind >= plans.of.shape[0] or form >= plans.of.shape[1]:
            return record
        plan = plans.of[kind, form]
        boot_bytes = read.boot_bytes[record]
        if plan < 0 or boot_bytes != marks.boot_bytes[device]:
            return record
        for letter in range(boot_bytes):
            if body[read.boot_at[record] + letter] != marks.boot[device, letter]:
                return record
        arrival_ms = places.arrival_ms[record]
        samples = read.samples[record]
        newest_ms = read.times[read.time_at[record]]
        is_possible = arrival_ms - OLDEST_MS <= newest_ms <= arrival_ms + AHEAD_MS
        is_timed = newest_ms != NO_TIME and (is_possible or samples > 1 or not marks.clockless[device])
        if not (marks.usual[device] if is_timed else marks.clockless[device]):
            return record
        if is_timed:
            oldest_ms = newest_ms
            for row in range(1, samples):
                newest_ms = max(newest_ms, read.times[read.time_at[record] + row])
                oldest_ms = min(oldest_ms, read.times[read.time_at[record] + row])
            if oldest_ms < arrival_ms - OLDEST_MS or newest_ms > arrival_ms + AHEAD_MS:
                return record
            watched_ms = arrival_ms - marks.watched_ms[device]
            if watched_ms >= WATCH_MS or watched_ms < 0:
                return record
            moment_s = newest_ms / 1000
        else:
            moment_s = max(arrival_ms / 1000, marks.last_s[device] + STEP_S)
        newest_s = max(marks.last_s[device], moment_s)
        left = min(marks.left[device] + (newest_s - marks.last_s[device]) * SAMPLES_A_SECOND, MOST_SAVED)
        told_ms = arrival_ms - marks.told_ms[device]
        is_over = left < samples
        if is_over and not (samples == 1 and 0 <= told_ms < TELL_EVERY_MS):
            return record
        if skipped:
            if is_over or moment_s <= columns.newest_s[slot]:
                return record
            skips[done[SKIPS], 0] = record
            skips[done[SKIPS], 1] = expected
            done[SKIPS] += 1
        marks.expected[device] = read.seq[record] + samples
        marks.last_s[device] = newest_s
        if is_timed:
            marks.least_ms[device] = min(marks.least_ms[device], arrival_ms - newest_ms)
        marks.left[device] = left if is_over else left - samples
        done[SAMPLES] += samples
        arrived_s = arrival_ms / 1000
        _hear(columns, slot, arrived_s)
        if is_over:
            marks.over[device] += 1
            done[OVER] += 1
            continue
        width = 0
        while width < plans.columns.shape[1] and plans.columns[plan, width] != -2:  # noqa: PLR2004 - the end
            width += 1
        for row in range(samples):
            at_s = read.times[read.time_at[record] + row] / 1000 if is_timed else moment_s
            if at_s <= columns.newest_s[slot]:
                continue
            columns.newest_s[slot] = at_s
            place = done[ROWS]
            done[ROWS] += 1
            rows.slot[place] = slot
            rows.at_s[place] = at_s
            rows.regime[place] = plans.regime[plan]
            rows.offset[place] = first_offset + record
            rows.arrived_s[place] = arrived_s
            rows.learn[place] = columns.learn[slot]
            rows.after_gap[place] = skipped
            skipped = False
            for number in range(width):
                column = plans.columns[plan, number]
                if column >= 0:
                    rows.values[place, column] = read.values[read.value_at[record] + number * samples + row]
    return len(places.end)


@loop
def _hear(columns, slot, at_s):
    """Take note that a device spoke."""
    last_s = columns.heard_s[slot]
    if not np.isnan(last_s) and at_s - last_s >= _BURST_S:
        passed_s = at_s - last_s
        if columns.intervals[slot] >= _KNOWN_AFTER:
            passed_s = min(passed_s, max(_MANY * columns.interval_s[slot], _LEAST_S))
        columns.intervals[slot] = min(columns.intervals[slot] + 1, _MEMORY)
        columns.interval_s[slot] += (passed_s - columns.interval_s[slot]) / columns.intervals[slot]
    columns.heard_s[slot] = at_s
    columns.since_s[slot] = np.nan
