"""Tables in files, read in batches (shell): Parquet or CSV, also gzipped; memory does not grow with the file.

What a file is shows in its first bytes, not in its name. A gzipped Parquet file is unpacked to a temporary one,
for it is read from its end.
"""

import gzip
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from agent.backtest.columns import Array
from agent.backtest.errors import EmptyFileError, UnreadableFileError

BATCH_ROWS: Final = 16_384  # few enough that the bar moves with a slow model too
_CSV_BLOCK: Final = 2 << 20
_BUFFER: Final = 1 << 20
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"


class Source(Protocol):
    """A table in a file; it may be read several times.

    ``types`` are those of the columns, ``None`` where only the values show them. ``rows`` is how many there are;
    ``None``: the file does not say.
    """

    types: Mapping[str, Array | None]
    rows: int | None

    def batches(self, columns: Sequence[str], words: Collection[str]) -> Iterator[Array]:
        """Yield record batches of these columns; those in ``words`` are text where the file has no types."""
        ...

    def share_read(self, rows: int) -> float:
        """Return how much was read once ``rows`` rows have come out: 0..1."""
        ...

    def close(self) -> None:
        """Let go of what was unpacked."""
        ...


def open_source(path: Path) -> Source:
    """Return the table in a file.

    Raises:
        UnreadableFileError: it is not there, damaged, or neither Parquet nor CSV.
        EmptyFileError: there is nothing in it.
    """
    with readable(path):
        if _starts(path, _PARQUET):
            return ParquetSource(path)
        if not _starts(path, _GZIP):
            return CsvSource(path, gzipped=False)
        with gzip.open(path) as packed:
            within = packed.read(len(_PARQUET))
        return ParquetSource(path, gzipped=True) if within == _PARQUET else CsvSource(path, gzipped=True)


class ParquetSource:
    """A Parquet file."""

    def __init__(self, path: Path, *, gzipped: bool = False) -> None:
        self._spill = tempfile.TemporaryDirectory(prefix="amends-backtest-") if gzipped else None
        self._path = path
        if self._spill is not None:
            self._path = Path(self._spill.name) / "unpacked.parquet"
            with gzip.open(path) as packed, self._path.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked, _BUFFER)
        with pq.ParquetFile(self._path) as file:
            self.types: Mapping[str, Array | None] = {column.name: column.type for column in file.schema_arrow}
            self.rows: int | None = file.metadata.num_rows

    def batches(self, columns: Sequence[str], words: Collection[str]) -> Iterator[Array]:
        """Yield record batches; ``words`` say nothing new, for the file has types."""
        del words
        # Without a buffer of its own a reader keeps a whole row group, and a file may be one row group.
        with pq.ParquetFile(self._path, pre_buffer=False, buffer_size=_BUFFER) as file:
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=list(columns))

    def share_read(self, rows: int) -> float:
        """Return how much was read once ``rows`` rows have come out: 0..1."""
        return rows / max(self.rows or 0, 1)

    def close(self) -> None:
        """Let go of what was unpacked."""
        if self._spill is not None:
            self._spill.cleanup()


class CsvSource:
    """A CSV file with a header."""

    def __init__(self, path: Path, *, gzipped: bool) -> None:
        self._path = path
        self._gzipped = gzipped
        self._size = max(path.stat().st_size, 1)
        self._read = 0
        self.rows: int | None = None
        with pa.OSFile(str(path)) as raw, self._unpacked(raw) as text:
            header = text.read(_BUFFER).partition(b"\n")[0]
        if not header.strip():
            raise EmptyFileError(path)
        if b"\0" in header:
            raise UnreadableFileError(path, "it is neither Parquet nor CSV")
        names = pyarrow.csv.read_csv(pa.BufferReader(header + b"\n")).column_names
        self.types: Mapping[str, Array | None] = dict.fromkeys(names)

    def batches(self, columns: Sequence[str], words: Collection[str]) -> Iterator[Array]:
        """Yield record batches; columns that are not in ``words`` must hold numbers."""
        options = pyarrow.csv.ConvertOptions(
            column_types={name: pa.string() if name in words else pa.float64() for name in columns},
            include_columns=list(columns),
        )
        blocks = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK)
        with (
            pa.OSFile(str(self._path)) as raw,
            self._unpacked(raw) as text,
            pyarrow.csv.open_csv(text, blocks, convert_options=options) as reader,
        ):
            for batch in reader:
                self._read = raw.tell()
                for first in range(0, len(batch), BATCH_ROWS):
                    yield batch.slice(first, BATCH_ROWS)

    def share_read(self, rows: int) -> float:
        """Return how much was read by now, by bytes: 0..1."""
        return min(self._read / self._size, 1.0) if rows else 0.0

    def close(self) -> None:
        """Nothing was unpacked."""

    @contextmanager
    def _unpacked(self, raw: Array) -> Iterator[Array]:
        if not self._gzipped:
            yield raw
            return
        with pa.CompressedInputStream(raw, "gzip") as unpacked:
            yield unpacked


def _starts(path: Path, with_bytes: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(with_bytes)) == with_bytes


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what reading a file may run into, damage included, into one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFileError(path, "there is no such file") from error
    except (OSError, EOFError, pa.ArrowException) as error:
        raise UnreadableFileError(path, str(error).partition("\n")[0]) from error
