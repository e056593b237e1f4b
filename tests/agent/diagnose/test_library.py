"""Playbooks that change while the agent runs."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from agent.diagnose.library import Library
from agent.diagnose.playbook_file import PlaybookError, default_dir
from agent.renew import keep_renewed

FROST, BEAN = "frost-200", "bean-9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    for product in (FROST, BEAN):
        shutil.copy(default_dir() / f"{product}.yaml", folder)
    return folder


@pytest.fixture
def library(folder: Path, tmp_path: Path) -> Library:
    return Library.of(folder, tmp_path / "kept")


def edit(folder: Path, product: str, old: str, new: str) -> None:
    path = folder / f"{product}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))  # two edits within one tick of the disk


def test_nothing_changes_while_no_file_does(library: Library) -> None:
    before = dict(library.current)

    assert library.renew() == ()
    assert library.current == before


def test_a_valid_change_is_in_force_at_the_next_look_and_the_old_version_stays_known(
    folder: Path, library: Library
) -> None:
    old = library.current[FROST]
    edit(folder, FROST, "title: ", "title: New ")

    assert library.renew() == (FROST,)

    assert library.current[FROST].title.startswith("New ")
    assert library.current[FROST].version != old.version
    assert library.versions[FROST, old.version] == old
    assert library.versions[FROST, library.current[FROST].version] == library.current[FROST]


def test_a_broken_change_is_complained_about_by_line_and_changes_nothing(folder: Path, library: Library) -> None:
    before = dict(library.current)
    edit(folder, FROST, "faults:", "fautls:")

    assert library.renew() == ()

    assert library.current == before
    assert any(f"{FROST}.yaml" in str(complaint) for complaint in library.complaints)
    assert library.renew() == ()  # said once a change, not at every look

    edit(folder, FROST, "fautls:", "faults:")
    library.renew()
    assert library.complaints == ()


def test_versions_outlive_a_restart(folder: Path, library: Library, tmp_path: Path) -> None:
    old = library.current[FROST]
    edit(folder, FROST, "title: ", "title: New ")

    again = Library.of(folder, tmp_path / "kept")

    assert again.versions[FROST, old.version] == old
    assert again.current[FROST].title.startswith("New ")


def test_a_product_whose_file_is_gone_has_no_playbook_any_more_and_its_version_is_known(
    folder: Path, library: Library
) -> None:
    old = library.current[BEAN]
    (folder / f"{BEAN}.yaml").unlink()

    library.renew()

    assert BEAN not in library.current
    assert library.versions[BEAN, old.version] == old


def test_a_start_with_a_broken_playbook_is_refused(folder: Path, tmp_path: Path) -> None:
    edit(folder, FROST, "faults:", "fautls:")

    with pytest.raises(PlaybookError):
        Library.of(folder, tmp_path / "kept")


def test_a_kept_version_that_cannot_be_read_any_more_is_left_out(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    Library.of(folder, kept)
    (kept / "frost-200@0.1-dead.yaml").write_text("nonsense: [", encoding="utf-8")

    assert Library.of(folder, kept).current


def test_whoever_walks_along_the_shelf_sees_all_of_one_moment(folder: Path, library: Library) -> None:
    walk = iter(library.current.items())
    next(walk)
    (folder / f"{BEAN}.yaml").unlink()
    library.renew()

    assert len(list(walk)) == 1
    assert set(library.current) == {FROST}


async def test_a_running_agent_takes_a_change_up_by_itself(folder: Path, library: Library) -> None:
    looking = asyncio.create_task(keep_renewed(library, 0.01))
    edit(folder, FROST, "title: ", "title: New ")
    async with asyncio.timeout(20):
        while not library.current[FROST].title.startswith("New "):  # noqa: ASYNC110 - another task changes it
            await asyncio.sleep(0.01)
    looking.cancel()
