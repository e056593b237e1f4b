"""One backtest from files to files (shell)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from agent.backtest.errors import RowError
from agent.backtest.labels import read_failures, read_labels, read_starts
from agent.backtest.lead import Horizon
from agent.backtest.pictures import draw_pictures
from agent.backtest.progress import following
from agent.backtest.replay import Pass, Recorded, Replay
from agent.backtest.report import Report, judge
from agent.backtest.results import ScoreFile, write_alarms, write_report
from agent.backtest.rows import RowProblemError
from agent.backtest.telemetry import Telemetry
from agent.backtest.truth import Truth
from agent.health.models import Choice, ModelKind


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for.

    ``out`` ``None``: write no files, and draw none. ``quiet_until`` is an instant in Unix µs, or a file with one for
    each device.
    """

    telemetry: Path
    labels: Path | None = None
    failures: Path | None = None
    out: Path | None = None
    context: tuple[str, ...] = ()
    quiet_until: int | Path | None = None
    plots: bool = False
    horizon: Horizon = field(default_factory=Horizon)


@dataclass(frozen=True, slots=True)
class Finished:
    """The report and the devices its alarms speak of, by their place."""

    report: Report
    devices: tuple[Recorded, ...]


def run_backtest(wanted: Wanted, choice: Choice, kinds: Mapping[str, ModelKind]) -> Finished:
    """Run the model over a recording, write what it said if a folder is wanted, and return the report.

    Raises:
        BacktestError: a file cannot be used.
    """
    with Telemetry(wanted.telemetry, wanted.context) as telemetry:
        truth, quiet_until_us = _read_truth(wanted, telemetry)
        replay = Replay(Pass(telemetry.plan.metrics, choice, kinds, quiet_until_us))
        begun = perf_counter()
        if wanted.out is None:
            _replay_all(telemetry, replay, None)
        else:
            with ScoreFile(wanted.out) as scores:
                _replay_all(telemetry, replay, scores)
        seconds = perf_counter() - begun
        report = judge(replay.devices, replay.alarms(), truth, wanted.horizon, seconds)
        if wanted.out is not None:
            write_alarms(wanted.out, report.alarms, replay.devices)
            write_report(wanted.out, report.figures())
            if wanted.plots:
                draw_pictures(wanted.out, telemetry, report, replay.devices)
    return Finished(report, tuple(replay.devices))


def _read_truth(wanted: Wanted, telemetry: Telemetry) -> tuple[Truth, Mapping[str, int] | int | None]:
    starts = wanted.quiet_until if isinstance(wanted.quiet_until, Path) else None
    if not (wanted.labels or wanted.failures or starts):
        return Truth(), wanted.quiet_until if isinstance(wanted.quiet_until, int) else None
    known = telemetry.device_ids()
    truth = Truth(
        windows=read_labels(wanted.labels, known) if wanted.labels else None,
        failures=read_failures(wanted.failures, known) if wanted.failures else None,
    )
    if isinstance(wanted.quiet_until, Path):
        return truth, read_starts(wanted.quiet_until, known)
    return truth, wanted.quiet_until


def _replay_all(telemetry: Telemetry, replay: Replay, scores: ScoreFile | None) -> None:
    with following("Replaying") as follow:
        for rows in telemetry.batches():
            try:
                scored = replay.take(rows)
            except RowProblemError as error:
                raise RowError(telemetry.path, rows.first + error.place, error.problem) from error
            if scores is not None:
                scores.write(rows, scored)
            done = rows.first + len(rows) - 1
            follow(done, telemetry.share_read(done))
