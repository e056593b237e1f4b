import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq

from agent.backtest.alarm import AlarmKind
from agent.backtest.frames import MOST_DEVICES
from agent.backtest.legend import legend
from agent.backtest.run import Finished, Wanted, run_backtest
from tests.agent.backtest.recordings import JUMPS, NOON, jumps, table

HOSTILE = '<script>alert("1")</script>&../../x'


def drawn(folder: Path, **columns: Sequence[object]) -> Finished:
    pq.write_table(table(**columns), folder / "recording.parquet")
    return run_backtest(Wanted(folder / "recording.parquet", out=folder / "out", plots=True), jumps, JUMPS)


def test_what_a_file_calls_its_devices_is_escaped_and_stays_in_the_folder(tmp_path: Path) -> None:
    drawn(tmp_path, device_id=[HOSTILE] * 4, flow=[0.0, 9.0, 0.0, 9.0])

    pictures = list((tmp_path / "out" / "plots").iterdir())

    assert len(pictures) == 1
    title = ET.fromstring(pictures[0].read_text()).find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert (title.text or "").startswith(HOSTILE)
    assert "<script>" not in (tmp_path / "out" / "index.html").read_text()


def test_at_most_fifty_devices_are_drawn_and_those_of_an_older_run_are_gone(tmp_path: Path) -> None:
    count = 60
    ids = [f"dev-{place:02d}" for place in range(count)]
    times = [NOON] * count + [NOON + timedelta(hours=1)] * count

    drawn(tmp_path, device_id=[*ids, *ids], ts=times, flow=[0.0] * count + [float(place + 3) for place in range(count)])
    pictures = sorted(path.name for path in (tmp_path / "out" / "plots").iterdir())

    assert len(pictures) == MOST_DEVICES
    assert pictures[0] == "01-dev-59.svg"
    assert "60 devices had alarms" in (tmp_path / "out" / "index.html").read_text()

    drawn(tmp_path, flow=[1.0, 1.0])
    assert list((tmp_path / "out" / "plots").iterdir()) == []
    assert "No alarms" in (tmp_path / "out" / "index.html").read_text()


def test_the_legend_has_what_is_in_the_picture_and_nothing_else() -> None:
    signs = legend([AlarmKind.ONSET, AlarmKind.DRIFT], ["event"], judged=False)

    assert [sign.text for sign in signs] == ["labelled event", "onset", "drift"]
    assert [sign.before for sign in signs] == sorted((sign.before for sign in signs), reverse=True)
