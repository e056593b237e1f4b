"""What beginners get wrong in YAML is named at the line to mend, with what to write."""

import pytest

from agent.diagnose.yaml_tree import UnreadableError, read_tree


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb:\n\tc: 2\n", 3, "there is a tab here; use blanks"),
        ("unit: %\n", 1, "text that begins with `%` must be in quotes"),
        ("unit: @home\n", 1, "text that begins with `@` must be in quotes"),
        ("unit: , or so\n", 1, "text that begins with `,` must be in quotes"),
        ("unit: *\n", 1, "text that begins with `*` or `&` must be in quotes"),
        ("unit: >5 rpm\n", 1, "text that begins with `>` or `|` must be in quotes"),
        ("unit: - 5 rpm\n", 1, "else put text with `-` in quotes"),
        ('a: "one\nb: 2\nc: 3\n', 1, "the quote opened here is never closed"),
        ("a: 'one\nb: 2\nc: 3\n", 1, "the quote opened here is never closed"),
        ('a: "C:\\path"\n', 1, "use single quotes"),
        ('a: "one\nb: "two"\n', 2, "a quote above it must be closed"),
        ("seen: Attention: it wears out\n", 1, "text with a `:` in it, which must be in quotes"),
        ("a: 1\nfan:up\nb: 2\n", 2, "with a blank after the `:`"),
        ("a:\n  fan:up\n  duty: up\n", 3, "look here and in the line before"),
        ("a: 1\n  b: 2\n", 2, "the indentation"),
        ("a:\n    b: 1\n  c: 2\n", 3, "must begin as far in as its neighbours"),
        ("a: 1\nb\nc: 2\n", 2, "here is no `name: value`"),
        ("a: 1\nb: [1, 2\nc: 3\n", 2, "what opens here is not closed with `]`"),
        ("a: 1\nb: {x: 1\nc: 3\n", 2, "what opens here is not closed with `}`"),
        ("a: [1,\n", 2, "a `[` or `{` is never closed"),
        ("[product]\nname = 1\n", 2, "write `name: value`, one a line"),
        ("a: 1\nb: \x07\n", 2, "a character that is no text (U+0007)"),
    ],
)
def test_a_mistake_in_yaml_is_said_at_the_line_to_mend(text: str, line: int, says: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_tree(text)

    assert caught.value.problem.line == line
    assert says in caught.value.problem.text
    assert "not YAML" not in caught.value.problem.text


def test_what_the_table_does_not_know_is_said_in_the_words_of_the_parser() -> None:
    with pytest.raises(UnreadableError, match="line 1: not YAML: found undefined tag handle"):
        read_tree("a: !one!two x\n")
