"""Settings that mean nothing: a name nobody reads and a value nobody can use are refused, and say what to write."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.__main__ import app
from agent.mistaken_settings import unknown_settings
from agent.settings import Settings, SettingsError, read_settings


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsError) as refused:
        read_settings()
    return refused.value.problems


def test_a_misspelt_setting_is_refused_and_the_one_that_was_meant_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_GUARD_COLDOWN_MIN", "600")

    (problem,) = problems()

    assert problem.startswith(
        "AMENDS_GUARD_COLDOWN_MIN: there is no such setting (did you mean AMENDS_GUARD_COOLDOWN_MIN?)"
    )


def test_a_misspelt_setting_in_the_file_is_refused_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("AMENDS_PLAYBOKS=mine\nPOSTGRES_PASSWORD=not ours\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    (problem,) = problems()

    assert "AMENDS_PLAYBOKS: there is no such setting (did you mean AMENDS_PLAYBOOKS?)" in problem


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes("# für uns\nAMENDS_TICK_S=1\n".encode("latin-1"))
    monkeypatch.chdir(tmp_path)

    (problem,) = problems()

    assert problem.startswith(".env: is not UTF-8 text")


def test_devices_are_let_in_where_the_file_says_the_data_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("AMENDS_DATA=ours\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    for where in ((), ("--data", "given")):
        assert CliRunner().invoke(app, ["device", "add", "kitchen-1", *where]).exit_code == 0

    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["given", "ours"]


def test_a_misspelt_setting_lets_no_device_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_DAT", "ours")
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, ["device", "add", "kitchen-1"])

    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "did you mean AMENDS_DATA?" in done.output


def test_what_is_misspelt_and_what_cannot_be_used_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_CONSOL_PORT", "8620")
    monkeypatch.setenv("AMENDS_GUARD_STALE_MIN", "0")

    assert [problem.split(":")[0] for problem in problems()] == ["AMENDS_CONSOL_PORT", "AMENDS_GUARD_STALE_MIN"]


def test_what_others_read_or_set_is_none_of_our_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_SIM_PASSWORD", "x")
    monkeypatch.setenv("AMENDS_FAILPOINT", "command.marked_sent:exit")
    monkeypatch.setenv("AMENDS_PORT", "tcp://10.0.0.7:8620")
    monkeypatch.setenv("AMENDS_PORT_8620_TCP_ADDR", "10.0.0.7")
    monkeypatch.setenv("AMENDS_SERVICE_PORT_HTTP", "8620")
    monkeypatch.setenv("AMENDS_DB_SERVICE_HOST", "10.0.0.8")

    assert read_settings() == Settings()


@given(st.sampled_from(sorted(Settings.model_fields)), st.sampled_from([str.upper, str.lower]))
def test_no_setting_is_ever_unknown(name: str, written: Callable[[str], str]) -> None:
    assert unknown_settings({written(f"amends_{name}"): "1"}, Settings.model_fields) == ()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("AMENDS_GUARD_STALE_MIN", "30,5", "`30,5` is no number: write 30.5"),
        ("AMENDS_JOURNAL_MAX_BYTES", "2,000,000", "`2,000,000` is no whole number"),
        ("AMENDS_GUARD_STALE_MIN", "2,000", "`2,000` is no number"),
        ("AMENDS_GUARD_STALE_MIN", "half an hour", "`half an hour` is no number"),
        ("AMENDS_CONSOLE_PORT", "86.5", "`86.5` is no whole number"),
        ("AMENDS_CONSOLE_PORT", "99999", "`99999` should be less than or equal to 65535"),
        ("AMENDS_CONSOLE_PORT", "", "is empty; write a number, or leave the line out"),
    ],
)
def test_a_number_that_cannot_be_used_is_said_with_what_to_write(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    assert problems() == (f"{name}: {says}",)
