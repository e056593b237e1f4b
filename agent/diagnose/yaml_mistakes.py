"""What a YAML parser's complaint means for who wrote the file (pure): the line to mend, and what to write there."""

import re
from dataclasses import dataclass

import yaml

_QUOTE_IT = "text that begins with `{0}` must be in quotes"


@dataclass(frozen=True, slots=True)
class _Meaning:
    """``complaint`` is what the parser says, its context before it; ``text`` may name what the pattern has caught.

    ``at_start``: the place to mend is where the part began that the parser was in, not where it could go no further.
    """

    complaint: str
    text: str
    at_start: bool = False


_MEANINGS = (
    _Meaning(r".*found character '\\t'.*", "there is a tab here; use blanks"),
    _Meaning(r".*found character (?:'|\")(.)(?:'|\").*", _QUOTE_IT),
    _Meaning(r".*quoted scalar found unexpected end of stream", "the quote opened here is never closed", at_start=True),
    _Meaning(r".*found unknown escape character.*", "in double quotes `\\` is special; use single quotes"),
    _Meaning(r".*scanning an? (?:alias|anchor).*", "text that begins with `*` or `&` must be in quotes"),
    _Meaning(r".*scanning a block scalar.*", "text that begins with `>` or `|` must be in quotes"),
    _Meaning(
        r".*sequence entries are not allowed.*", "a list begins in a line of its own; else put text with `-` in quotes"
    ),
    _Meaning(
        r".*mapping values are not allowed.*",
        "does not fit: look here and in the line before for the indentation, for a blank that is missing after `:`, "
        "and for text with a `:` in it, which must be in quotes",
    ),
    _Meaning(r".*could not find expected ':'.*", "here is no `name: value`, with a blank after the `:`", at_start=True),
    _Meaning(
        r".*flow (?:sequence|mapping) expected ',' or '(.)'.*",
        "what opens here is not closed with `{0}`",
        at_start=True,
    ),
    _Meaning(r".*expected the node content, but found '<stream end>'.*", "a `[` or `{{` is never closed"),
    _Meaning(r".*expected the node content, but found '(.)'.*", _QUOTE_IT),
    _Meaning(
        r".*expected <block end>.*",
        "does not fit under what is above: it must begin as far in as its neighbours, "
        "and a quote above it must be closed",
    ),
    _Meaning(r".*expected '<document start>'.*", "does not fit: write `name: value`, one a line, from the very left"),
)


def meaning_of(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """Return the line to mend, from 1, and what is wrong there; in the parser's words where we know no better."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"there is a character that is no text (U+{error.character:04X}); take it out"
    if not isinstance(error, yaml.MarkedYAMLError):
        return 1, f"not YAML: {' '.join(str(error).split())}"
    stopped, began = error.problem_mark, error.context_mark
    said = f"{error.context or ''} {error.problem or ''}".strip()
    for meaning in _MEANINGS:
        match = re.fullmatch(meaning.complaint, said, re.DOTALL)
        if match is not None:
            return _line(began if meaning.at_start else stopped), meaning.text.format(*match.groups())
    return _line(stopped or began), f"not YAML: {error.problem or error.context}"


def _line(mark: yaml.Mark | None) -> int:
    return 1 if mark is None else mark.line + 1
