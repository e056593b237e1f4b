"""Free text comes out harmless and bounded."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from agent.care.clean import one_line, paragraphs


@given(st.text(max_size=300), st.integers(min_value=2, max_value=200))
def test_a_cleaned_line_is_one_short_line_without_anything_invisible(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert not set(line) & set("\r\n\t\x00\x1b\u2028\u2029\u202e")
    assert all(unicodedata.category(c) != "Cc" for c in line)


@given(st.text(max_size=300))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert one_line(one_line(text, 100), 100) == one_line(text, 100)
    assert paragraphs(paragraphs(text, 100), 100) == paragraphs(text, 100)


def test_what_turns_the_reading_direction_is_dropped() -> None:
    assert one_line("safe\u202egnp.exe\u2066!", 50) == "safegnp.exe!"


def test_an_emoji_of_several_people_stays_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"

    assert one_line(family, 50) == family


def test_line_breaks_stay_in_paragraphs_and_become_spaces_in_a_line() -> None:
    assert paragraphs("one\r\ntwo\rthree \u2028four", 50) == "one\ntwo\nthree\nfour"
    assert one_line("one\r\ntwo", 50) == "one two"
