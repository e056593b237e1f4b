"""Counters are read by people: a unit, and few digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.console.counter_words import counter_words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("disk_free_bytes", 7.387777024e10, ("disk free", "73.9 GB")),
        ("disk_free_bytes", -1.0, ("disk free", "not known")),
        ("journal_bytes", 512.0, ("journal", "512 B")),
        ("commit_seconds_sum", 49.65851454, ("commit: time in all", "49.7 s")),
        ("commit_seconds_count", 12_345.0, ("commit: batches", "12,345")),
        ("oldest_unacknowledged_seconds", 0.0, ("oldest unacknowledged", "0 s")),
        ("samples_total", 184_233.0, ("samples", "184,233")),
        ("broker_connected", 1.0, ("broker connected", "yes")),
    ],
)
def test_a_counter_has_its_unit(name: str, value: float, words: tuple[str, str]) -> None:
    assert counter_words(name, value) == words


@given(st.sampled_from(["x_bytes", "x_seconds", "x_seconds_sum", "x_total"]), st.floats(0.0, 1e14))
def test_no_counter_is_written_with_an_exponent_or_more_than_three_digits_after_the_point(
    name: str, value: float
) -> None:
    _, said = counter_words(name, value)

    figure = said.split()[0]
    assert "e" not in figure
    assert len(figure.partition(".")[2]) <= 3
