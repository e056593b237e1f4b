"""How a device is, in words (pure): never "normal" without evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, assert_never

from agent.console.instants import ago, span
from agent.console.reader import Reader
from agent.console.words import Label, Tone, deviation, side
from agent.desk.device import Device
from agent.health.findings import HealthView


class Health(StrEnum):
    """What is known about a device's health."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    WARMING = "warming"
    SILENT = "silent"
    GAP = "gap"
    OFF = "off"
    UNKNOWN = "unknown"


HEALTH: Mapping[Health, Label] = {
    Health.NORMAL: Label("Normal", Tone.GOOD, "check"),
    Health.ABNORMAL: Label("Off its normal", Tone.BAD, "pulse"),
    Health.WARMING: Label("Warming up", Tone.BUSY, "clock"),
    Health.SILENT: Label("Silent", Tone.ASK, "mute"),
    Health.GAP: Label("Unknown: gap", Tone.ASK, "gap"),
    Health.OFF: Label("Switched off", Tone.CALM, "power"),
    Health.UNKNOWN: Label("Unknown", Tone.CALM, "question"),
}


_WITHOUT_VIEW: Mapping[Health, str] = {
    Health.OFF: "Somebody switched it off with its own switch, so its silence means nothing.",
    Health.UNKNOWN: "It has sent no sample yet that could be judged.",
}


@dataclass(frozen=True, slots=True)
class HealthWords:
    """A device's health with the sentence that says what it rests on."""

    health: Health
    label: Label
    sentence: str


class Switched(Protocol):
    """A device, as far as its health hangs on its record."""

    @property
    def off_on_purpose(self) -> bool:
        """Whether somebody switched it off with its own switch."""
        ...


def judge(view: HealthView | None, device: Switched) -> Health:
    """Return what may be said about a device; the first reason for doubt wins."""
    if device.off_on_purpose:
        return Health.OFF
    if view is None or (view.sample_at is None and view.silent_since is None):
        return Health.UNKNOWN
    if view.silent_since is not None:
        return Health.SILENT
    if view.warming:
        return Health.WARMING
    if view.normal_since is None:
        return Health.ABNORMAL if view.incomplete_since is None else Health.GAP
    return Health.NORMAL if view.incomplete_since is None else Health.GAP


def health_words(view: HealthView | None, device: Device, reader: Reader) -> HealthWords:
    """Return a device's health in words."""
    health = judge(view, device)
    return HealthWords(health, HEALTH[health], _sentence(health, view, device, reader))


def _sentence(health: Health, view: HealthView | None, device: Device, reader: Reader) -> str:
    if view is None:
        return _WITHOUT_VIEW[Health.OFF if health is Health.OFF else Health.UNKNOWN]
    match health:
        case Health.OFF | Health.UNKNOWN:
            return _WITHOUT_VIEW[health]
        case Health.SILENT:
            text = f"Nothing has been heard from it for {_since(view.silent_since, reader.now)}."
        case Health.GAP:
            text = f"Samples are missing since {_ago(view.incomplete_since, reader.now)}; nothing can be said for now."
        case Health.WARMING:
            text = "Its model has seen too little of it yet to tell what is normal."
        case Health.ABNORMAL:
            text = _deviation(view, device.product, reader)
        case Health.NORMAL:
            text = f"All its metrics have been within its own normal for {_since(view.normal_since, reader.now)}."
        case never:
            assert_never(never)
    return text


def _deviation(view: HealthView, product: str, reader: Reader) -> str:
    leading = [part for part in view.now if part.z is not None][:2]
    if not leading:
        return "Its signal is not what is normal for this device."
    parts = [
        f"{reader.metric(product, part.metric).lower()} is {deviation(part.z)} {side(part.z)} its usual level"
        for part in leading
        if part.z is not None
    ]
    return " and ".join(parts).capitalize() + "."


def _since(since: datetime | None, now: datetime) -> str:
    return "an unknown time" if since is None else span(max(now - since, now - now))


def _ago(since: datetime | None, now: datetime) -> str:
    return "an unknown time" if since is None else ago(since, now)
