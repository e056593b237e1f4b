import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.console.commands import app
from agent.settings import read_settings
from agent.store.database import open_database
from agent.store.staff import check_password, find_staff, find_token


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory and nothing in the environment that points elsewhere."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def say(*words: str, data: Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, [*words, "--data", str(data)])
    return done.exit_code, done.output


def test_a_new_account_gets_a_password_that_is_shown_once(asked: Path) -> None:
    code, shown = say("add", "mira", "--json", data=asked)

    assert code == 0
    database = open_database(read_settings(data=asked).database)
    with database.reading() as session:
        assert check_password(session, "mira", json.loads(shown)["password"]) is not None
    database.close()
    assert json.loads(shown)["password"] not in say("list", "--json", data=asked)[1]


def test_with_a_broken_playbook_an_account_is_refused_in_a_sentence(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "dryer.yaml").write_text("product: [", "utf-8")
    monkeypatch.setenv("AMENDS_PLAYBOOKS", str(tmp_path / "books"))

    code, said = say("add", "mira", data=asked)

    assert code == 1
    assert "dryer.yaml:" in said
    assert "Traceback" not in said


def test_a_token_is_somebodys(asked: Path) -> None:
    say("add", "mira", data=asked)

    code, shown = say("token", "mira", data=asked)

    assert code == 0
    database = open_database(read_settings(data=asked).database)
    with database.reading() as session:
        staff = find_token(session, shown.strip())
    database.close()
    assert staff is not None
    assert staff.name == "mira"


def test_a_removed_account_is_gone_with_its_tokens_and_nobody_elses(asked: Path) -> None:
    say("add", "mira", data=asked)
    say("add", "tom", data=asked)
    hers, his = (say("token", name, data=asked)[1].strip() for name in ("mira", "tom"))

    code, said = say("remove", "mira", data=asked)

    assert (code, said) == (0, "mira can no longer sign in; 1 token ended. What they did stays under their name.\n")
    database = open_database(read_settings(data=asked).database)
    with database.reading() as session:
        assert find_staff(session, "mira") is None
        assert find_token(session, hers) is None
        assert find_token(session, his) is not None
    database.close()


def test_removing_who_may_change_things_says_what_that_means(asked: Path) -> None:
    say("add", "mira", data=asked)
    say("add", "tom", "--role", "viewer", data=asked)

    assert "Nobody who is left may change anything" in say("remove", "mira", data=asked)[1]
    assert "Nobody can sign in now. The next start" in say("remove", "tom", data=asked)[1]


def test_a_role_that_is_named_is_taken_on_and_one_that_is_not_stays(asked: Path) -> None:
    say("add", "mira", data=asked)

    assert json.loads(say("add", "mira", "--role", "viewer", "--json", data=asked)[1])["role"] == "viewer"
    assert json.loads(say("add", "mira", "--json", data=asked)[1])["role"] == "viewer"
    assert "viewer" in say("list", data=asked)[1]


def test_revoked_tokens_end_and_the_account_stays(asked: Path) -> None:
    password = json.loads(say("add", "mira", "--json", data=asked)[1])["password"]
    tokens = [say("token", "mira", data=asked)[1].strip() for _ in range(2)]

    code, said = say("token", "mira", "--revoke", data=asked)

    assert (code, said) == (0, "2 tokens of mira ended\n")
    database = open_database(read_settings(data=asked).database)
    with database.reading() as session:
        assert [find_token(session, token) for token in tokens] == [None, None]
        assert check_password(session, "mira", password) is not None
    database.close()


def test_who_only_asks_makes_no_directory(asked: Path) -> None:
    for words in (("list",), ("token", "mira")):
        code, said = say(*words, data=asked)

        assert code == 1
        assert said.startswith(f"there is no amends data in {asked}")
    assert not asked.exists()


WRONG = (
    ("token", "nobody"),
    ("token", "nobody", "--revoke"),
    ("remove", "nobody"),
    ("add", "agent"),
    ("add", " "),
    ("add", "x" * 41),
    ("add", "a\x1b[31mb"),
    ("add", "tom", "--role", "king"),
)


@pytest.mark.parametrize("words", WRONG)
def test_what_cannot_be_is_one_sentence_and_exit_code_2(asked: Path, words: tuple[str, ...]) -> None:
    say("add", "mira", data=asked)

    code, said = say(*words, data=asked)

    assert code == 2
    assert len(said.strip().splitlines()) == 1
    assert "\x1b" not in said
