from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.diagnose.playbook import Autonomy, Direction, FaultKind, Symptom
from agent.diagnose.playbook_file import PlaybookError, default_dir, parse_playbook, read_playbook, read_playbooks
from tests.agent.diagnose.examples import SMALL, changed, line_of


def complaints(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PlaybookError) as caught:
        parse_playbook(text, "kettle.yaml")
    return [(found.problem.line, found.problem.field, found.problem.text) for found in caught.value.complaints]


def only_complaint(text: str) -> tuple[int, str, str]:
    found = complaints(text)
    assert len(found) == 1, found
    return found[0]


def test_a_playbook_becomes_values() -> None:
    playbook = parse_playbook(SMALL, "kettle.yaml")

    assert playbook.product == "kettle-1"
    assert playbook.called_in("de") == "your kettle"
    assert [metric.name for metric in playbook.metrics if metric.context] == ["mode"]
    assert playbook.fault("stuck").kind is FaultKind.HEALABLE
    assert playbook.fault("stuck").time_left == timedelta(days=2)
    assert playbook.fault("worn_heater").symptoms == (Symptom("heater_w", Direction.DOWN, 2.0),)
    assert playbook.fault("worn_heater").visit_minutes == 30
    assert playbook.fault("worn_heater").sure_from is None
    assert playbook.fault("worn_heater").words_in("fr").name == "a worn heater"
    restart = playbook.remedy("restart")
    assert restart.settle == timedelta(minutes=5)
    assert restart.autonomy is Autonomy.SUGGEST
    assert restart.words == "restarted itself"
    assert restart.words_in("de") == "hat sich neu gestartet"
    assert restart.words_in("es") == "restarted itself"


def test_arguments_keep_their_kind() -> None:
    text = changed(
        "    verb: restart\n",
        '    verb: set_config\n    args: {level: -18, eco: true, sensor: water_temp_c, code: "42"}\n',
    )

    args = dict(parse_playbook(text, "kettle.yaml").remedy("restart").args)

    assert args == {"level": -18.0, "eco": True, "sensor": "water_temp_c", "code": "42"}


def test_a_remedy_that_says_little_is_careful() -> None:
    text = changed("    autonomy: suggest\n    reversible: true\n    settle: 5 min\n", "")

    remedy = parse_playbook(text, "kettle.yaml").remedy("restart")

    assert remedy.autonomy is Autonomy.SUGGEST
    assert not remedy.reversible
    assert not remedy.repeatable
    assert remedy.settle + remedy.verify_for <= remedy.verify_within


def test_the_version_changes_with_any_change_and_not_with_line_ends() -> None:
    first = parse_playbook(SMALL, "kettle.yaml").version

    assert first.startswith("1+")
    assert parse_playbook(changed("Your kettle was stuck.", "It was stuck."), "kettle.yaml").version != first
    assert parse_playbook(SMALL.replace("\n", "\r\n"), "kettle.yaml").version == first


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        SMALL.replace("kind: healable", "kind: heelable")
        .replace("settle: 5 min", "settle: 5")
        .replace("lower:", "lowr:")
    )

    found = complaints(text)

    assert [(line, field) for line, field, _ in found] == [
        (line_of(text, "lowr:"), "metrics.water_temp_c.lowr"),
        (line_of(text, "settle:"), "remedies.restart.settle"),
        (line_of(text, "heelable"), "faults.stuck.kind"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "field", "says"),
    [
        ("title: Kettle\n", "", "title", "is missing"),
        ("title: Kettle", "title:", "title", "is empty"),
        ("title: Kettle", "title: [Kettle]", "title", "must be text"),
        ("title: Kettle", "titel: Kettle", "titel", "did you mean title?"),
        ("kettle-1", "Kettle One", "product", "a product is"),
        ("version: 1", "version: one two", "version", "a version is"),
        ("called: your kettle", "called: {de: Ihr Kocher}", "called", "needs words in English"),
        ("called: your kettle", "called: {en: your kettle, german: x}", "called.german", "two small letters"),
        ("settle: 5 min", "settle: 5 minutes", "remedies.restart.settle", "a time with its unit"),
        ("settle: 5 min", "settle: -5 min", "remedies.restart.settle", "a time with its unit"),
        ("settle: 5 min", "settle: 0 min", "remedies.restart.settle", "longer than nothing"),
        ("settle: 5 min", "settle: 2 h", "remedies.restart.verify_within", "could never be healed"),
        ("settle: 5 min", "worse_after: 80 min", "remedies.restart.worse_after", "must end before verify_within"),
        ("autonomy: suggest", "autonomy: sugest", "remedies.restart.autonomy", "did you mean suggest?"),
        ("reversible: true", "reversible: yes", "remedies.restart.reversible", "must be true or false"),
        ("verb: restart", "verb: Re-Start", "remedies.restart.verb", "a verb is"),
        ("      en: restarted itself\n", "", "remedies.restart.words", "needs words in English"),
        ("kind: healable", "kind: helable", "faults.stuck.kind", "did you mean healable?"),
        ("water_temp_c: down", "water_temp: down", "faults.stuck.symptoms.water_temp", "did you mean water_temp_c?"),
        ("water_temp_c: down", "mode: down", "faults.stuck.symptoms.mode", "operating regime"),
        ("water_temp_c: down", "water_temp_c: falls", "faults.stuck.symptoms.water_temp_c", "is none of up, down"),
        ("water_temp_c: down", "water_temp_c: lower", "faults.stuck.symptoms.water_temp_c", "did you mean down?"),
        (
            "water_temp_c: down",
            "water_temp_c: [up, down]",
            "faults.stuck.symptoms.water_temp_c",
            "must be one of up, down",
        ),
        ("weight: 2", "weight: 1,5", "faults.worn_heater.symptoms.heater_w.5", "write 1.5 for the number"),
        ("weight: 2", 'weight: "1,5"', "faults.worn_heater.symptoms.heater_w.weight", "from 0.1 to 5; write 1.5"),
        (
            "weight: 2",
            "weight: 2,000",
            "faults.worn_heater.symptoms.heater_w.000",
            "write 2000 or 2.000 for the number",
        ),
        ("time_left: 2 d", "time_left: 1,200 s", "faults.stuck.time_left", "write 1200 s or 1.200 s"),
        ("time_left: 2 d", "time_left: 1,5 d", "faults.stuck.time_left", "12 h or 7 d; write 1.5 d"),
        ("weight: 2", "weight: heavy", "faults.worn_heater.symptoms.heater_w.weight", "a number from 0.1 to 5"),
        ("weight: 2", "weight: .nan", "faults.worn_heater.symptoms.heater_w.weight", "a number from 0.1 to 5"),
        ("weight: 2", "above: 3", "faults.worn_heater.symptoms.heater_w.above", "is for a symptom that goes up"),
        ("weight: 2", "below: low", "faults.worn_heater.symptoms.heater_w.below", "a number from"),
        ("remedies: [restart]", "remedies: [restart, reset]", "faults.stuck.remedies", "no remedy of this playbook"),
        ("remedies: [restart]", "remedies: restart", "faults.stuck.remedies", "must be a list"),
        ("remedies: [restart]", "remedies: [restart, restart]", "faults.stuck.remedies", "listed twice"),
        ("    skill: kettles\n", "", "faults.worn_heater.skill", "needs the skill"),
        ("visit_minutes: 30", "sure_from: 0.4", "faults.worn_heater.sure_from", "a number from 0.5 to 1"),
        ("visit_minutes: 30", "visit_minutes: 3000", "faults.worn_heater.visit_minutes", "a number from 10 to 480"),
        ("codes: [E1]", "codes: [E 1]", "faults.worn_heater.codes", "cannot be one of its event codes"),
        ("time_left: 2 d", "time_left: 2 weeks", "faults.stuck.time_left", "a time with its unit"),
        ("name: a worn heater", "nam: a worn heater", "faults.worn_heater.words.en.nam", "did you mean name?"),
        ("Your kettle was stuck.", "Your {device} was stuck.", "faults.stuck.words.en.seen", "plain words"),
        ("Your kettle was stuck.", "<b>Stuck.</b>", "faults.stuck.words.en.seen", "plain words"),
        ("Your kettle was stuck.", "x" * 601, "faults.stuck.words.en.seen", "longer than 600"),
        ("Your kettle was stuck.", "Your kettle was stuck", "faults.stuck.words.en.seen", "a full sentence"),
        ("kind: visit", "kind: owner", "faults.worn_heater.words.en", "advice must say how"),
        ("reversible: true", "rollback: true", "remedies.restart.rollback", "is for a remedy with args"),
        (
            "reversible: true",
            "only_once: true\n    repeatable: true",
            "remedies.restart.repeatable",
            "contradicts only_once",
        ),
        ("verb: restart", "verb: toggle_power", "remedies.restart.verb", "what 'toggle' does depends on"),
        ("verb: restart", "verb: set\n    args: {power: toggle}", "remedies.restart.args.power", "the value to set"),
        ("verb: restart", 'verb: set\n    args: {level: "+2"}', "remedies.restart.args.level", "reads as a step"),
        ("verb: restart", 'verb: set\n    args: {level: "-= 2 K"}', "remedies.restart.args.level", "reads as a step"),
        ("verb: restart", "verb: set\n    args: {level: +2}", "remedies.restart.args.level", "reads as a step"),
    ],
)
def test_a_mistake_is_named_with_its_field(old: str, new: str, field: str, says: str) -> None:
    found = complaints(changed(old, new))

    assert [text for _, path, text in found if path == field and says in text], found


@pytest.mark.parametrize(
    ("symptom", "field", "says"),
    [
        ("{ direction: down, below: 20 }", "below", "must be from 0 to 1, as the unit is ratio; write 0.2 for 20 %"),
        ("{ direction: up, above: 80 }", "above", "must be from 0 to 1, as the unit is ratio; write 0.8 for 80 %"),
        ("{ direction: up, above: -16.5 }", "above", "must be from 0 to 1, as the unit is ratio"),
    ],
)
def test_a_bound_that_a_share_never_passes_is_refused(symptom: str, field: str, says: str) -> None:
    text = changed("unit: W", "unit: ratio").replace("{ direction: down, weight: 2 }", symptom)

    line, path, problem = only_complaint(text)

    assert (line, path) == (line_of(text, symptom), f"faults.worn_heater.symptoms.heater_w.{field}")
    assert problem == says


@pytest.mark.parametrize("given", ["below: 0.2", "weight: 2"])
def test_a_bound_within_a_share_is_taken(given: str) -> None:
    parse_playbook(changed("unit: W", "unit: ratio").replace("weight: 2", given), "kettle.yaml")


def test_a_mistake_stands_at_its_line() -> None:
    text = changed("water_temp_c: down", "water_temp: down")

    assert only_complaint(text)[0] == line_of(text, "water_temp: down")


def test_a_name_that_comes_twice_is_told_with_both_lines() -> None:
    text = SMALL + "  stuck:\n    kind: benign\n"

    line, field, says = only_complaint(text)

    assert (line, field) == (line_of(text, "kind: benign") - 1, "faults.stuck")
    assert says == f"is here twice, first in line {line_of(text, 'stuck:')}"


def test_a_healable_fault_without_a_remedy_is_refused_and_so_is_the_idle_remedy() -> None:
    found = complaints(changed("    remedies: [restart]\n", ""))

    assert [(field, text) for _, field, text in found] == [
        ("remedies.restart", "no fault uses it"),
        ("faults.stuck.remedies", "a healable fault needs a remedy"),
    ]


def test_a_remedy_for_a_fault_that_needs_a_visit_is_refused() -> None:
    text = changed("    codes: [E1]\n", "    codes: [E1]\n    remedies: [restart]\n")

    assert only_complaint(text)[1:] == (
        "faults.worn_heater.remedies",
        "is for faults of kind healable, and this one is visit",
    )


def test_two_faults_that_show_alike_are_refused() -> None:
    text = changed("      heater_w: { direction: down, weight: 2 }\n    codes: [E1]\n", "      water_temp_c: down\n")

    assert only_complaint(text)[1:] == (
        "faults.worn_heater",
        "shows exactly as stuck does; nothing can tell them apart",
    )


def test_a_fault_that_nothing_gives_away_is_refused() -> None:
    text = changed("      water_temp_c: down\n", "      water_temp_c: steady\n")

    assert "nothing gives it away" in only_complaint(text)[2]


def test_a_complaint_reads_as_file_line_field_and_problem() -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_playbook(changed("title: Kettle", "titel: Kettle"), "kettle.yaml")

    assert str(caught.value).splitlines() == [
        "kettle.yaml:1: title: is missing",
        "kettle.yaml:2: titel: is not a field here (did you mean title?)",
    ]


def test_a_file_that_cannot_be_read_is_one_complaint(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"product: x\ntitle: K\xe4ltemaschine\n")

    with pytest.raises(PlaybookError, match=r"latin.yaml:2: is not UTF-8 text"):
        read_playbook(latin)
    with pytest.raises(PlaybookError, match="cannot be read: No such file"):
        read_playbook(tmp_path / "absent.yaml")


def test_a_folder_gives_its_playbooks_by_product(tmp_path: Path) -> None:
    (tmp_path / "kettle.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a playbook", encoding="utf-8")

    assert list(read_playbooks(tmp_path)) == ["kettle-1"]


def test_a_folder_tells_of_all_its_files_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "c.yaml").write_text("product: [", encoding="utf-8")

    with pytest.raises(PlaybookError) as caught:
        read_playbooks(tmp_path)

    assert [Path(found.file).name for found in caught.value.complaints] == ["b.yaml", "c.yaml"]


def test_a_playbook_that_ends_in_yml_is_one_too(tmp_path: Path) -> None:
    (tmp_path / "kettle.yml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "iron.yaml").write_text(changed("kettle-1", "iron-1"), encoding="utf-8")

    assert sorted(read_playbooks(tmp_path)) == ["iron-1", "kettle-1"]


def test_a_folder_without_playbooks_is_a_complaint(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="no playbooks here"):
        read_playbooks(tmp_path)


def test_the_default_folder_has_the_four_products() -> None:
    assert sorted(read_playbooks(default_dir())) == ["bean-9", "frost-200", "therm-40", "volt-12"]


@given(st.data())
def test_a_playbook_with_a_line_lost_or_garbled_is_read_or_refused_at_a_line_it_has(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at : at + 1] = data.draw(st.lists(st.text(max_size=20) | st.sampled_from(lines), max_size=2))
    text = "\n".join(lines)

    try:
        parse_playbook(text, "kettle.yaml")
    except PlaybookError as error:
        assert all(1 <= found.problem.line <= len(lines) + 1 for found in error.complaints)  # noqa: PT017 - either may be
