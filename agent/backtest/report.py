"""What a backtest found, in figures (pure): only what the given labels allow.

A month is 30 days. Rates count the time devices were judged: from their first row, or the instant until which
alarms were quiet, to their last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from agent.backtest.alarm import Alarm, AlarmKind
from agent.backtest.events import EventScore, Span, by_kind, one_an_hour, score_events
from agent.backtest.lead import Horizon, LeadScore, quantile, score_leads, warns
from agent.backtest.replay import Recorded
from agent.backtest.truth import Failure, Truth, Window

_DAY_US: Final = 86_400_000_000
_MONTH_DAYS: Final = 30.0
_DIGITS: Final = 4

Figure: TypeAlias = float | int | str | dict[str, "Figure"] | None


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a backtest, and the judged alarms behind them.

    ``events`` is ``None`` without labels and failures, ``leads`` and ``wear_leads`` (of drift alone) without
    failures; ``labelled`` and ``failing`` hold
    the events and failures of each device that had any.
    """

    devices: int
    products: int
    samples: int
    seconds: float
    device_days: float
    alarms: tuple[Alarm, ...]
    events: EventScore | None
    leads: LeadScore | None
    wear_leads: LeadScore | None
    horizon: Horizon
    labelled: Mapping[int, Sequence[Window]]
    failing: Mapping[int, Sequence[Failure]]

    @property
    def false_a_day(self) -> float | None:
        """Return false alarms per device-day; ``None``: no labels, or no time."""
        if self.events is None or not self.device_days:
            return None
        return len(self.events.false) / self.device_days

    @property
    def rate(self) -> float:
        """Return samples per second."""
        return self.samples / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, Figure]:
        """Return the figures under the names others read; what the labels do not allow is left out."""
        months = self.device_days / _MONTH_DAYS
        figures: dict[str, Figure] = {
            "devices": self.devices,
            "products": self.products,
            "samples": self.samples,
            "seconds": round(self.seconds, 3),
            "samples_per_second": round(self.rate),
            "device_days": round(self.device_days, 3),
            "alarms": len(self.alarms),
            "alarms_by_kind": _named(by_kind(self.alarms)),
            "alarms_per_device_month": _per(len(self.alarms), months),
        }
        if self.events is not None:
            figures |= _false_figures(self.events, self.device_days)
            if self.events.events:
                figures |= _event_figures(self.events)
        if self.leads is not None:
            figures |= _lead_figures(self.leads)
            figures["warn_within_hours"] = self.horizon.warn_within.total_seconds() / 3_600
            figures["in_time_hours"] = self.horizon.in_time.total_seconds() / 3_600
        if self.wear_leads is not None:
            figures["by_drift_alone"] = _lead_figures(self.wear_leads)
        return figures


def judge(
    devices: Sequence[Recorded], alarms: Sequence[Alarm], truth: Truth, horizon: Horizon, seconds: float
) -> Report:
    """Return the report.

    Args:
        devices: as the replay left them.
        alarms: all of them, by device and time.
        truth: what really happened.
        horizon: which alarms count as warnings of a failure.
        seconds: how long the pass took.
    """
    spans = {
        place: Span(max(device.first_us, device.quiet_until_us), device.last_us) for place, device in enumerate(devices)
    }
    windows: dict[int, list[Window]] = {}
    failing: dict[int, list[Failure]] = {}
    by_id = _places(devices)
    for window in truth.windows or ():
        for place in by_id[window.device_id]:
            windows.setdefault(place, []).append(window)
    for failure in truth.failures or ():
        for place in by_id[failure.device_id]:
            failing.setdefault(place, []).append(failure)
    counted = tuple(one_an_hour(alarms))
    events = None
    if truth.windows is not None or truth.failures is not None:
        events = score_events(counted, windows, spans)
        false = tuple(alarm for alarm in events.false if not warns(alarm, failing.get(alarm.device, ()), horizon))
        events = replace(events, false=false)
    leads = wear_leads = None
    if truth.failures is not None:
        leads = score_leads(_by_device(counted), failing, spans, horizon)
        wear = [alarm for alarm in counted if alarm.kind is AlarmKind.DRIFT]
        wear_leads = score_leads(_by_device(wear), failing, spans, horizon)
    return Report(
        devices=len(by_id),
        products=len({device.product for device in devices}),
        samples=sum(device.rows for device in devices),
        seconds=seconds,
        device_days=sum(device.judged_us for device in devices) / _DAY_US,
        alarms=counted,
        events=events,
        leads=leads,
        wear_leads=wear_leads,
        horizon=horizon,
        labelled=windows,
        failing=failing,
    )


def _places(devices: Sequence[Recorded]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, device in enumerate(devices):
        places.setdefault(device.device_id, []).append(place)
    return places


def _by_device(alarms: Sequence[Alarm]) -> dict[int, list[Alarm]]:
    by_device: dict[int, list[Alarm]] = {}
    for alarm in alarms:
        by_device.setdefault(alarm.device, []).append(alarm)
    return by_device


def _false_figures(events: EventScore, device_days: float) -> dict[str, Figure]:
    return {
        "false_alarms": len(events.false),
        "false_alarms_by_kind": _named(by_kind(events.false)),
        "false_alarms_per_device_day": _per(len(events.false), device_days),
        "false_alarms_per_device_month": _per(len(events.false), device_days / _MONTH_DAYS),
    }


def _event_figures(events: EventScore) -> dict[str, Figure]:
    figures: dict[str, Figure] = {
        "events": events.events,
        "events_found": events.found,
        "precision": _rounded(events.precision),
        "recall": _rounded(events.recall),
        "event_f1": _rounded(events.f1),
    }
    if events.named:
        figures["top_metric_labelled"] = _per(events.named_right, events.named)
    return figures


def _lead_figures(leads: LeadScore) -> dict[str, Figure]:
    hours = {
        name: _rounded(quantile(leads.leads_h, share)) for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))
    }
    return {
        "failures": leads.failures,
        "failures_warned": len(leads.leads_h),
        "lead_time_hours": {**hours},
        "failures_found_in_time": _per(leads.in_time, leads.failures),
        "failures_found_in_time_by_chance": _per(leads.by_chance, leads.failures),
    }


def _named(kinds: Mapping[AlarmKind, int]) -> dict[str, Figure]:
    return {kind.value: count for kind, count in kinds.items()}


def _per(count: float, of: float) -> float | None:
    return _rounded(count / of) if of else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
