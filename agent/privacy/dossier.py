"""Everything there is about one customer, in one file (shell): records as JSON, samples as Parquet."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from agent.history.export import NothingToExportError, UnwritableExportError, Wanted, export
from agent.history.folder import Folder
from agent.privacy.erase import find_target
from agent.store.about import records_of
from agent.store.database import Database

RECORDS: Final = "records.json"
SAMPLES: Final = "samples.parquet"


def write_dossier(database: Database, folder: Folder | None, customer_id: str, target: Path) -> int:
    """Write a zip with all there is about a customer and return how many samples are in it; 0: there is no such file.

    The newest samples, by default of a minute, are not in files yet. ``folder`` ``None``: there is no history.

    Raises:
        NobodyToEraseError: nobody has this id.
        UnwritableExportError: the file cannot be written.
    """
    theirs = find_target(database, customer_id)
    with database.reading() as session:
        records = records_of(session, customer_id)
    with TemporaryDirectory(prefix="amends-dossier-") as place:
        samples = Path(place) / SAMPLES
        try:
            rows = 0 if folder is None else export(folder, Wanted(theirs.devices, None, None), samples)
        except NothingToExportError:
            rows = 0
        beside = target.with_name(f".{target.name}.new")
        try:
            with ZipFile(beside, "w", ZIP_DEFLATED) as file:
                file.writestr(RECORDS, records)
                if rows:
                    file.write(samples, SAMPLES)
            beside.replace(target)
        except OSError as error:
            raise UnwritableExportError(target, error.strerror or str(error)) from error
    return rows
