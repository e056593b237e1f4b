import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.__main__ import app
from agent.care.customer import Customer
from agent.health.fleet import Fleet
from agent.history.export import NothingToExportError, Wanted, export
from agent.history.folder import Folder
from agent.house import open_house
from agent.listen.own_records import mark
from agent.listen.pipeline import Pipeline
from agent.privacy.erase import NobodyToEraseError, erase, erase_again, find_target, ledger_of
from agent.privacy.ledger import Ledger, UnreadableLedgerError, new_erasure
from agent.privacy.models import forget_once
from agent.settings import Settings
from agent.store.about import About, about, records_of
from agent.store.crowds import at_work
from agent.store.database import Database
from agent.store.erasing import erase_records, unspoken_for
from agent.store.erasures import devices_to_forget, done_erasures
from agent.store.people import own_device, save_customer
from agent.store.queue import Search, search
from broker.messages import ResultStatus
from tests.agent.console.sample_cases import NOW
from tests.agent.desk.office import Office
from tests.agent.history.house import HistoryHouse
from tests.agent.listen.messages import birth, days_of, entries, sample
from tests.agent.privacy.conftest import Home
from tests.builders import MINUTE

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def test_of_every_table_with_rows_about_people_it_is_said_what_becomes_of_them() -> None:
    assert unspoken_for() == frozenset()


def test_nothing_that_names_an_erased_owner_or_their_devices_is_left_in_any_table(home: Home) -> None:
    needles = [home.customer, home.name, home.email, *home.devices]
    assert all(needle in home.tables() for needle in needles)

    forgotten = erase(home.house, home.customer, by="a test", now=LATER)
    forget_everything(home)

    assert [needle for needle in needles if needle in home.tables()] == []
    assert forgotten.devices == len(home.devices)
    assert forgotten.tickets > 0


def forget_everything(home: Home) -> None:
    """Let the models forget, as the running agent does within seconds."""
    fleet = Fleet()
    pipeline = Pipeline(fleet)
    forget_once(home.house.database, fleet)
    asked = fleet.take_asked()
    pipeline.take(entries([mark(0, device_id, wanted) for device_id, wanted in asked]))
    forget_once(home.house.database, fleet)


def test_what_others_own_stays_as_it_was(home: Home) -> None:
    def theirs() -> bytes:
        with home.house.database.reading() as session:
            return records_of(session, home.other)

    before = theirs()

    erase(home.house, home.customer, by="a test", now=LATER)

    assert theirs() == before
    with home.house.database.reading() as session:
        others = about(session, home.other).devices
    assert export(Folder(home.house.history), Wanted(others, None, None), home.house.data / "out.parquet") == 50 * len(
        others
    )


def test_samples_and_letters_go_and_do_not_come_back_from_the_journal(home: Home) -> None:
    history = HistoryHouse(home.house.history)
    history.journal.next_offset = history.writer.written
    history.say(*(sample(device, seq) for device in home.devices for seq in range(50, 60)))

    erased = erase(home.house, home.customer, by="a test", now=LATER)
    history.write()

    assert erased.samples == 50 * len(home.devices)
    assert erased.letters == 1
    with pytest.raises(NothingToExportError):
        export(Folder(home.house.history), home.wanted(), home.house.data / "out.parquet")
    letters = [path.read_text() for path in (home.house.mailbox / "new").iterdir()]
    assert len(letters) == 1
    assert home.email not in letters[0]


def test_a_remedy_that_was_being_judged_is_at_work_no_more_and_holds_up_no_other_device(database: Database) -> None:
    office = Office(database)
    office.birth()
    office.notice()
    office.later(5 * MINUTE)
    office.answer(office.send()[0], ResultStatus.SUCCEEDED)
    with database.reading() as session:
        assert len(at_work(session, "frost-200")) == 1

    with database.transaction() as session:
        erase_records(session, About("c-0001", ("frost-0001",), (1,)), office.clock.at)

    with database.reading() as session:
        assert at_work(session, "frost-200") == frozenset()


def test_a_search_finds_no_word_of_an_erased_ticket(home: Home) -> None:
    with home.house.database.reading() as session:
        assert search(session, Search(text=home.devices[0]), after=None, limit=50)

    erase(home.house, home.customer, by="a test", now=LATER)

    with home.house.database.reading() as session:
        assert not search(session, Search(text=home.devices[0]), after=None, limit=50)


@pytest.mark.parametrize("target", ["", "nobody", "%", "*"])
def test_an_empty_or_unknown_target_is_an_error_and_erases_nobody(home: Home, target: str) -> None:
    before = home.tables()

    with pytest.raises(NobodyToEraseError):
        erase(home.house, target, by="a test", now=LATER)

    assert home.tables() == before
    assert ledger_of(home.house).erasures() == ()


def test_a_restored_backup_is_erased_again_and_only_once(home: Home) -> None:
    data, backup = home.house.data, home.backed_up()
    erase(home.house, home.customer, by="a test", now=LATER)
    home.house.database.close()
    shutil.rmtree(data)
    shutil.copytree(backup, data)
    restored = open_house(Settings(data=data))
    came_back = Home(restored, home.customer, home.other, home.name, home.email, home.devices)
    assert home.email in came_back.tables()

    done = erase_again(restored, LATER), erase_again(restored, LATER)
    forget_everything(came_back)

    assert done == (1, 0)
    assert not any(needle in came_back.tables() for needle in (home.customer, home.email, *home.devices))
    with pytest.raises(NothingToExportError):
        export(Folder(restored.history), home.wanted(), data / "out.parquet")
    restored.database.close()


def test_an_erasure_that_a_crash_cut_short_is_done_at_the_next_start(home: Home) -> None:
    theirs = find_target(home.house.database, home.customer)
    ledger_of(home.house).add(new_erasure(home.customer, theirs.devices, at=LATER, by="a test"))

    erase_again(home.house, LATER)

    with home.house.database.reading() as session:
        assert about(session, home.customer).devices == ()
        assert len(done_erasures(session)) == 1


def test_whoever_comes_back_under_the_same_id_is_somebody_new(home: Home) -> None:
    owner = find_target(home.house.database, home.customer)
    erase(home.house, home.customer, by="a test", now=LATER)
    with home.house.database.transaction() as session:
        save_customer(session, Customer(home.customer, "New", "new@example.org"))
        own_device(session, device_id=owner.devices[0], customer_id=home.customer, now=NOW)

    assert erase_again(home.house, LATER) == 0
    assert find_target(home.house.database, home.customer).devices == (owner.devices[0],)


def test_the_ledger_says_nothing_about_whom_it_means(home: Home) -> None:
    erase(home.house, home.customer, by="a test", now=LATER)

    written = ledger_of(home.house).path.read_text()

    assert not any(needle in written for needle in (home.customer, home.name, home.email, *home.devices))
    assert home.house.data not in ledger_of(home.house).path.parents


def test_a_ledger_whose_end_was_torn_goes_on_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "erasures")
    first, second = (new_erasure(who, (), at=LATER, by="a test") for who in ("c-1", "c-2"))
    ledger.add(first)
    with ledger.path.open("ab") as file:
        file.write(b'{"id": "half')

    ledger.add(second)
    assert ledger.erasures() == (first, second)

    ledger.path.write_bytes(b"nonsense\n" + ledger.path.read_bytes())
    with pytest.raises(UnreadableLedgerError):
        ledger.erasures()


def test_models_forget_who_was_erased_by_a_command_beside_the_agent(home: Home) -> None:
    device = home.devices[0]
    fleet = Fleet()
    pipeline = Pipeline(fleet)
    pipeline.take(entries([birth(device), *days_of(device, 60)]))
    erase(home.house, home.customer, by="a command", now=LATER)

    forget_once(home.house.database, fleet)
    marks = [mark(0, each, wanted) for each, wanted in fleet.take_asked()]
    pipeline.take(entries(marks, pipeline.next_offset))
    forget_once(home.house.database, fleet)

    assert fleet.view(device) is None
    with home.house.database.reading() as session:
        assert devices_to_forget(session) == ()


def test_the_command_shows_asks_and_erases(home: Home) -> None:
    data = str(home.house.data)
    runner = CliRunner()

    listed = runner.invoke(app, ["erase", home.customer, "--data", data, "--dry-run", "--json"])
    unasked = runner.invoke(app, ["erase", home.customer, "--data", data])
    nobody = runner.invoke(app, ["erase", "", "--data", data, "--yes"])
    unknown = runner.invoke(app, ["erase", "ghost", "--data", data, "--yes"])
    done = runner.invoke(app, ["erase", home.customer, "--data", data, "--yes", "--json"])

    assert json.loads(listed.stdout)["devices"] == list(home.devices)
    assert (unasked.exit_code, nobody.exit_code, unknown.exit_code, done.exit_code) == (2, 2, 1, 0)
    assert json.loads(done.stdout)["erased"]["devices"] == len(home.devices)
