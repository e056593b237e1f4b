"""The report as one page with its pictures (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.backtest.drawing import said, templates
from agent.backtest.frames import strength
from agent.backtest.replay import Recorded
from agent.backtest.report import Report
from agent.backtest.summary import lines


@dataclass(frozen=True, slots=True)
class Entry:
    """A drawn device and where its picture lies, from the page's own folder."""

    device: int
    picture: str


@dataclass(frozen=True, slots=True)
class Card:
    """A drawn device as the page tells of it; ``found`` and ``false`` are empty when nobody labelled anything."""

    device_id: str
    product: str
    picture: str
    alarms: int
    found: str
    false: str
    strongest: str


def index_page(name: str, report: Report, devices: Sequence[Recorded], entries: Sequence[Entry]) -> str:
    """Return the page of a backtest of the file ``name``."""
    return templates.get_template("index.html.jinja").render(
        name=name,
        figures=lines(report),
        cards=[_card(entry, devices[entry.device], report) for entry in entries],
        alarmed=len({alarm.device for alarm in report.alarms}),
        labelled=report.events is not None,
    )


def _card(entry: Entry, device: Recorded, report: Report) -> Card:
    alarms = [alarm for alarm in report.alarms if alarm.device == entry.device]
    windows = report.labelled.get(entry.device, ())
    found = sum(any(window.start_us <= alarm.at_us <= window.end_us for alarm in alarms) for window in windows)
    false = "" if report.events is None else str(sum(alarm.device == entry.device for alarm in report.events.false))
    return Card(
        device_id=device.device_id,
        product=device.product,
        picture=entry.picture,
        alarms=len(alarms),
        found=f"{found} of {len(windows)}" if windows else "",
        false=false,
        strongest=said(max(alarms, key=strength)),
    )
