import hashlib
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.console.attempts import Attempts
from agent.console.sessions import Seal
from agent.console.templating import HERE, STATIC

SEAL, OTHER = Seal("one secret"), Seal("another secret")


def test_a_session_survives_its_cookie_and_no_other_secret_reads_it() -> None:
    session = SEAL.new_session("mira", "salt")

    assert SEAL.read(SEAL.write(session)) == session
    assert OTHER.read(SEAL.write(session)) is None


@given(st.text())
def test_no_invented_cookie_is_a_session(cookie: str) -> None:
    assert SEAL.read(cookie) is None
    assert SEAL.read_note(cookie) == ("", False)
    assert not SEAL.opened_page("link", cookie)


def test_a_form_belongs_to_one_session() -> None:
    mine, theirs = SEAL.new_session("mira", "salt"), SEAL.new_session("mira", "salt")

    assert SEAL.is_ours(mine, SEAL.form_token(mine))
    assert not SEAL.is_ours(theirs, SEAL.form_token(mine))


def test_the_key_of_a_page_opens_nothing_else() -> None:
    key = SEAL.page_key("link-1")

    assert SEAL.opened_page("link-1", key)
    assert not SEAL.opened_page("link-2", key)
    assert SEAL.read(key) is None


def test_wrong_passwords_are_forgotten_after_a_while() -> None:
    attempts = Attempts(allowed=2, window_s=60.0)
    attempts.failed("mira", 0.0)
    attempts.failed("mira", 10.0)

    assert attempts.wait_s("mira", 20.0) == 40.0
    assert attempts.wait_s("tom", 20.0) == 0.0
    assert attempts.wait_s("mira", 60.0) == 0.0


def test_a_flood_of_invented_names_is_bounded() -> None:
    attempts = Attempts()

    for number in range(20_000):
        attempts.failed(f"name {number}", float(number))

    assert len(attempts._failed) <= 10_000


def test_what_is_vendored_is_what_the_list_says() -> None:
    vendor = STATIC / "vendor"
    listed = dict(re.findall(r"`([\w.-]+)` \| `([0-9a-f]{64})`", (vendor / "VENDORED.md").read_text(encoding="utf-8")))

    there = {path.name: path for path in vendor.iterdir() if path.suffix in {".js", ".css"}}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}
    assert {path.stem for path in vendor.glob("*.LICENSE")} >= {"htmx", "htmx-ext-sse", "uPlot"}


def test_no_template_switches_escaping_off_or_carries_inline_code() -> None:
    for path in sorted((HERE / "templates").glob("*.html")):
        text = path.read_text(encoding="utf-8")

        assert "|safe" not in text.replace(" ", "")
        assert "autoescape false" not in text
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path.name
        assert not re.search(r"\son[a-z]+=", text), path.name
        assert "style=" not in text, path.name


def test_our_own_scripts_stay_small() -> None:
    for path in (STATIC / "chart.js", STATIC / "chart_lines.js", STATIC / "console.js"):
        assert len(Path(path).read_text(encoding="utf-8").splitlines()) <= 150
