"""The report as a table a person reads (pure)."""

from rich.table import Table
from rich.text import Text

from agent.backtest.events import by_kind
from agent.backtest.lead import LeadScore, quantile
from agent.backtest.report import Report

_NONE = "–"


def summary(report: Report) -> Table:
    """Return the figures of a report with what each one means."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="left", style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for name, value, meaning in lines(report):
        table.add_row(Text(name), Text(value), Text(meaning))
    return table


def lines(report: Report) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of every figure worth a line."""
    of = "product" if report.products == 1 else "products"
    found = [
        (
            "Devices",
            f"{report.devices:,}",
            f"of {report.products} {of}, judged over {report.device_days:,.1f} device-days",
        ),
        ("Samples", f"{report.samples:,}", f"in {report.seconds:,.1f} s, {report.rate:,.0f} a second"),
        ("Alarms", f"{len(report.alarms):,}", _kinds(report)),
    ]
    return found + _events(report) + _leads(report)


def _kinds(report: Report) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in by_kind(report.alarms).items() if count)
    return f"{kinds or 'none'}; at most one a device and hour"


def _events(report: Report) -> list[tuple[str, str, str]]:
    events = report.events
    if events is None:
        return [("Found", _NONE, "give --labels or --failures to see what was right")]
    rate = report.false_a_day
    told = "" if rate is None else f"{rate:.2f} a device-day, {rate * 30:,.1f} a device-month"
    found = [("False alarms", f"{len(events.false):,}", told)]
    if not events.events:
        return found
    found += [
        ("Events found", f"{events.found} of {events.events}", _share(events.recall, "recall")),
        ("Event F1", _number(events.f1), _share(events.precision, "precision")),
    ]
    if events.named:
        of = f"of the {events.named} found events whose metrics are known"
        found.append(("Top metric right", _percent(events.named_right / events.named), of))
    return found


def _leads(report: Report) -> list[tuple[str, str, str]]:
    if report.leads is None or report.wear_leads is None or not report.leads.failures:
        return []
    return [*_lead("", report.leads, report), *_lead(" by drift", report.wear_leads, report)]


def _lead(how: str, leads: LeadScore, report: Report) -> list[tuple[str, str, str]]:
    ahead = report.horizon.in_time.total_seconds() / 3_600
    chance = _percent(leads.by_chance / leads.failures)
    hours = [quantile(leads.leads_h, share) for share in (0.1, 0.5, 0.9)]
    spread = " / ".join(_NONE if hour is None else f"{hour:,.1f}" for hour in hours)
    return [
        (
            f"In time{how}",
            f"{leads.in_time} of {leads.failures}",
            f"failures, {ahead:g} h ahead or more; by chance {chance}",
        ),
        (f"Lead{how}, h", spread, f"p10 / p50 / p90 of the {len(leads.leads_h)} that were warned of"),
    ]


def _share(value: float | None, what: str) -> str:
    return "" if value is None else f"{what} {_percent(value)}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"
