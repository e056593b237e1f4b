import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.diagnose.commands import app
from agent.diagnose.playbook_file import default_dir
from tests.agent.diagnose.examples import SMALL, changed


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(SMALL.replace("kind: visit", "kind: visits"), encoding="utf-8")
    return path


def test_good_playbooks_are_fine() -> None:
    files = [str(path) for path in sorted(default_dir().glob("*.yaml"))]

    result = CliRunner().invoke(app, ["check", *files])

    assert result.exit_code == 0
    assert result.stdout.count(": fine: ") == 4


def test_a_broken_playbook_is_a_failure_that_names_file_line_and_field(broken: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(broken)])

    assert result.exit_code == 1
    assert f"{broken}:39: faults.worn_heater.kind: 'visits' is none of healable, visit, owner, benign" in result.stderr
    assert "did you mean visit?" in result.stderr


def test_the_facts_come_as_json(broken: Path) -> None:
    result = CliRunner().invoke(app, ["check", "--json", str(broken), str(default_dir() / "bean-9.yaml")])

    facts = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [fact["ok"] for fact in facts] == [False, True]
    assert facts[0]["problems"][0]["field"] == "faults.worn_heater.kind"
    assert facts[1]["product"] == "bean-9"


def test_a_directory_is_checked_with_all_its_playbooks(tmp_path: Path, broken: Path) -> None:
    (tmp_path / "iron.yml").write_text(changed("kettle-1", "iron-1"), encoding="utf-8")

    result = CliRunner().invoke(app, ["check", str(tmp_path), str(default_dir())])

    assert result.exit_code == 1
    assert result.stdout.count(": fine: ") == 5
    assert result.stderr.startswith(f"{broken}:39: ")


def test_a_directory_without_playbooks_is_a_complaint(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(tmp_path)])

    assert result.exit_code == 1
    assert result.stderr == f"{tmp_path}:1: no playbooks here (*.yaml, *.yml)\n"


def test_two_files_for_one_product_are_a_mistake_and_one_given_twice_is_none(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yml"
    first.write_text(SMALL, encoding="utf-8")
    second.write_text(SMALL, encoding="utf-8")

    both = CliRunner().invoke(app, ["check", str(first), str(second)])
    twice = CliRunner().invoke(app, ["check", str(first), f"{tmp_path}/../{tmp_path.name}/a.yaml"])

    assert both.exit_code == 1
    assert both.stderr == f"{second}:1: product: kettle-1 already has {first}\n"
    assert twice.exit_code == 0


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["check", str(tmp_path / "absent.yaml")]).exit_code == 2
    assert CliRunner().invoke(app, ["check"]).exit_code == 2
