"""The documents keep up with the code: every setting, topic, command and playbook field is in them."""

import re
from pathlib import Path

from agent.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"


def test_every_setting_has_its_line_in_the_documents_and_every_line_its_setting() -> None:
    written = set(
        re.findall(r"^\| `AMENDS_([A-Z_]+)`", (DOCS / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert written == {name.upper() for name in Settings.model_fields}


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
