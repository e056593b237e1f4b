import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from agent.__main__ import app
from agent.history.folder import Folder
from agent.privacy.dossier import RECORDS, SAMPLES, write_dossier
from agent.privacy.erase import NobodyToEraseError
from tests.agent.privacy.conftest import Home


def test_a_dossier_has_every_record_and_every_sample_of_one_owner_and_of_nobody_else(
    home: Home, tmp_path: Path
) -> None:
    rows = write_dossier(home.house.database, Folder(home.house.history), home.customer, tmp_path / "theirs.zip")

    with ZipFile(tmp_path / "theirs.zip") as file:
        records = json.loads(file.read(RECORDS))
        samples = pq.read_table(BytesIO(file.read(SAMPLES)))
    assert rows == samples.num_rows == 50 * len(home.devices)
    assert set(samples["device_id"].to_pylist()) == set(home.devices)
    assert [one["email"] for one in records["customer"]] == [home.email]
    assert {one["id"] for one in records["device"]} == set(home.devices)
    assert {"consent", "ticket", "story", "message", "rating"} <= records.keys()
    assert not {"token", "outbox", "staff"} & records.keys()
    assert home.other not in json.dumps(records)


def test_a_dossier_of_nobody_is_an_error(home: Home, tmp_path: Path) -> None:
    with pytest.raises(NobodyToEraseError):
        write_dossier(home.house.database, Folder(home.house.history), "ghost", tmp_path / "theirs.zip")

    assert not list(tmp_path.glob("*.zip"))


def test_the_command_writes_it_when_the_file_is_a_zip(home: Home, tmp_path: Path) -> None:
    wanted = [
        "export",
        "--customer",
        home.customer,
        "--out",
        str(tmp_path / "theirs.zip"),
        "--data",
        str(home.house.data),
    ]

    done = CliRunner().invoke(app, [*wanted, "--json"])

    assert done.exit_code == 0
    assert json.loads(done.stdout)["samples"] == 50 * len(home.devices)
    assert (tmp_path / "theirs.zip").exists()
