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
from agent.diagnose.signs import TELLING_Z
from agent.health.findings import HealthView


class Health(StrEnum):
    """What is known about a device's health."""

    NORMAL = "normal"
    ABNORMAL = "abnormal"
    WARMING = "warming"
    SILENT = "silent"
    OFFLINE = "offline"
    UNHEARD = "unheard"
    GAP = "gap"
    OFF = "off"
    UNKNOWN = "unknown"


HEALTH: Mapping[Health, Label] = {
    Health.NORMAL: Label("Normal", Tone.GOOD, "check"),
    Health.ABNORMAL: Label("Off its normal", Tone.BAD, "pulse"),
    Health.WARMING: Label("Warming up", Tone.BUSY, "clock"),
    Health.SILENT: Label("Silent", Tone.ASK, "mute"),
    Health.OFFLINE: Label("Offline", Tone.ASK, "mute"),
    Health.UNHEARD: Label("Not heard", Tone.CALM, "question"),
    Health.GAP: Label("Unknown: gap", Tone.ASK, "gap"),
    Health.OFF: Label("Switched off", Tone.CALM, "power"),
    Health.UNKNOWN: Label("Unknown", Tone.CALM, "question"),
}


_WITHOUT_VIEW: Mapping[Health, str] = {
    Health.OFF: "Somebody switched it off with its own switch, so its silence means nothing.",
    Health.UNKNOWN: "It has sent no sample yet that could be judged.",
}

_GRACE_S = 120.0  # ticks and batches take a while until a silence is noticed


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

    @property
    def online(self) -> bool:
        """Whether it is connected, as the broker says."""
        ...


def judge(view: HealthView | None, device: Switched, now: datetime) -> Health:
    """Return what may be said about a device; the first reason for doubt wins.

    What was not heard lately is not called normal, whether or not the device is to blame: nobody is silent for what was
    sent while we did not listen.
    """
    if device.off_on_purpose:
        return Health.OFF
    if view is None or (view.sample_at is None and view.silent_since is None):
        return Health.UNKNOWN
    return _unheard(view, device, now) or _judged(view)


def _unheard(view: HealthView, device: Switched, now: datetime) -> Health | None:
    """Return how a device that is not heard is called; ``None``: it is heard."""
    if view.silent_since is not None:
        return Health.SILENT if device.online else Health.OFFLINE
    is_old = view.sample_at is not None and (now - view.sample_at).total_seconds() > view.patience_s + _GRACE_S
    return Health.UNHEARD if is_old else None


def _judged(view: HealthView) -> Health:
    if view.warming:
        return Health.WARMING
    if view.incomplete_since is not None:
        return Health.GAP
    return Health.ABNORMAL if view.normal_since is None else Health.NORMAL


def health_words(view: HealthView | None, device: Device, reader: Reader) -> HealthWords:
    """Return a device's health in words."""
    health = judge(view, device, reader.now)
    return HealthWords(health, HEALTH[health], _sentence(health, view, device, reader))


def _sentence(health: Health, view: HealthView | None, device: Device, reader: Reader) -> str:
    if view is None:
        return _WITHOUT_VIEW[Health.OFF if health is Health.OFF else Health.UNKNOWN]
    match health:
        case Health.OFF | Health.UNKNOWN:
            return _WITHOUT_VIEW[health]
        case Health.SILENT:
            text = f"It is connected and has sent nothing for {_since(view.silent_since, reader.now)}."
        case Health.OFFLINE:
            silent = _since(view.silent_since, reader.now)
            text = f"Its connection is lost, and nothing has been heard from it for {silent}."
        case Health.UNHEARD:
            text = (
                f"Its newest sample is {_since(view.sample_at, reader.now)} old. It may be quiet, or we may not have "
                "been listening: nothing can be said for now."
            )
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
    leading = [part for part in view.now if part.z is not None and abs(part.z) >= TELLING_Z][:2]
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
