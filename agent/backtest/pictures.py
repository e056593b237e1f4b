"""Draws the alarmed devices (shell): reads the recording a second time, beside the scores, and writes pages.

Only slices of time are kept in memory, not rows: a page costs the same however long the history is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from agent.backtest.drawing import SCORES, draw
from agent.backtest.envelope import Envelope
from agent.backtest.frames import Page, choose_pages
from agent.backtest.index import Entry, index_page
from agent.backtest.progress import following
from agent.backtest.replay import Recorded
from agent.backtest.report import Report
from agent.backtest.results import SCORES as SCORE_FILE
from agent.backtest.rows import Rows
from agent.backtest.telemetry import Telemetry

PLOTS, INDEX = "plots", "index.html"
_SLICES, _SLICES_CLOSE = 640, 320
_KEPT_IN_NAMES: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is being drawn of one device, with the columns of the file each of its frames needs."""

    page: Page
    envelopes: tuple[Envelope, ...]
    columns: tuple[tuple[int, ...], ...]


def draw_pictures(folder: Path, telemetry: Telemetry, report: Report, devices: Sequence[Recorded]) -> None:
    """Write ``plots/*.svg`` and ``index.html``; ``folder`` has the scores of this recording.

    Raises:
        BacktestError: the recording changed meanwhile.
    """
    metrics = telemetry.plan.metrics
    drawn = {page.device: _begun(page, metrics) for page in choose_pages(report, devices, metrics)}
    wanted = {(devices[place].device_id, devices[place].product): one for place, one in drawn.items()}
    with following("Drawing") as follow, pq.ParquetFile(folder / SCORE_FILE) as scores:
        for group, rows in enumerate(telemetry.batches()):
            table = scores.read_row_group(group, columns=list(SCORES))
            _feed(wanted, rows, np.column_stack([column.to_numpy() for column in table.columns]))
            done = rows.first + len(rows) - 1
            follow(done, telemetry.share_read(done))
    plots = folder / PLOTS
    plots.mkdir(exist_ok=True)
    for old in plots.glob("*.svg"):
        old.unlink()
    entries = []
    for number, (place, one) in enumerate(drawn.items(), start=1):
        name = f"{number:02d}-{_plain(devices[place].device_id)}.svg"
        (plots / name).write_text(draw(one.page, one.envelopes, devices[place], report), encoding="utf-8")
        entries.append(Entry(place, f"{PLOTS}/{name}"))
    (folder / INDEX).write_text(index_page(telemetry.path.name, report, devices, entries), encoding="utf-8")


def _begun(page: Page, metrics: Sequence[str]) -> Drawn:
    envelopes = tuple(
        Envelope(frame, len(frame.metrics) + len(SCORES), _SLICES if frame.alarm is None else _SLICES_CLOSE)
        for frame in page.frames
    )
    columns = tuple(tuple(metrics.index(name) for name in frame.metrics) for frame in page.frames)
    return Drawn(page, envelopes, columns)


def _feed(wanted: Mapping[tuple[str, str], Drawn], rows: Rows, scores: NDArray[np.float32]) -> None:
    for device, device_id in enumerate(rows.devices):
        for product, name in enumerate(rows.products):
            one = wanted.get((device_id, name))
            if one is None:
                continue
            own = np.flatnonzero((rows.device == device) & (rows.product == product))
            if not len(own):
                continue
            for envelope, columns in zip(one.envelopes, one.columns, strict=True):
                values = np.hstack([rows.values[np.ix_(own, np.array(columns, np.intp))], scores[own]])
                envelope.feed(rows.at_us[own], values)


def _plain(device_id: str) -> str:
    """Return a device id as a part of a file name, on any system."""
    return "".join(letter if letter in _KEPT_IN_NAMES else "_" for letter in device_id)[:60]
