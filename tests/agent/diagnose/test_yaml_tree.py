import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.yaml_tree import MOST_BYTES, Fields, Items, Scalar, UnreadableError, read_tree


def refusal(text: str) -> tuple[int, str]:
    with pytest.raises(UnreadableError) as caught:
        read_tree(text)
    return caught.value.problem.line, caught.value.problem.text


def test_a_tree_remembers_lines_and_keeps_scalars_as_text() -> None:
    tree = read_tree('# a comment\na: no\nb: [1, "2"]\n')

    assert tree == Fields(
        2,
        (
            (Scalar(2, "a", quoted=False), Scalar(2, "no", quoted=False)),
            (Scalar(3, "b", quoted=False), Items(3, (Scalar(3, "1", quoted=False), Scalar(3, "2", quoted=True)))),
        ),
    )


def test_tags_are_refused_so_no_object_is_ever_built() -> None:
    line, why = refusal("a: 1\nb: !!python/object/apply:os.system [echo]\n")

    assert line == 2
    assert "tags" in why


def test_an_anchor_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30))

    assert refusal(bomb) == (1, "anchors (&name) are not read; write it out")


def test_an_alias_alone_is_refused() -> None:
    line, why = refusal("a: 1\nb: *a\n")

    assert line == 2
    assert "alias" in why


def test_depth_and_length_are_bounded() -> None:
    assert "nested deeper" in refusal("[" * 10_000)[1]
    assert "longer than 256 KiB" in refusal("#" * (MOST_BYTES + 1))[1]


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refusal(text) == (1, "the file is empty")


def test_a_second_document_is_refused() -> None:
    assert refusal("a: 1\n---\nb: 2\n") == (2, "only one document a file")


@given(st.text(max_size=200))
def test_any_text_is_a_tree_or_one_refusal(text: str) -> None:
    try:
        read_tree(text)
    except UnreadableError as error:
        assert error.problem.line >= 1  # noqa: PT017 - either may be
