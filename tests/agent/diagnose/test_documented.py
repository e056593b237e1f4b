import re
from pathlib import Path

from agent.diagnose import playbook_form as form
from agent.diagnose.playbook import Autonomy, Direction, FaultKind
from agent.diagnose.playbook_file import parse_playbook

PAGE = (Path(__file__).parents[3] / "docs" / "playbooks.md").read_text(encoding="utf-8")


def test_every_field_of_a_playbook_is_in_the_documents() -> None:
    fields = {
        *form.PLAYBOOK_FIELDS,
        *form.METRIC_FIELDS,
        *form.REMEDY_FIELDS,
        *form.FAULT_FIELDS,
        *form.SYMPTOM_FIELDS,
        *form.WORDS_FIELDS,
    }

    assert {field for field in fields if f"`{field}`" not in PAGE} == set()


def test_every_word_with_a_meaning_is_in_the_documents() -> None:
    words = [word.value for kind in (Autonomy, Direction, FaultKind) for word in kind]

    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_small_example_in_the_documents_is_a_playbook() -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]

    assert parse_playbook(example, "playbooks.md").product == "kettle-1"
