"""Notices a firmware that moved everyone's normal (shell, in the caller's transaction): one notice, not forty tickets.

It looks when a device that was updated lately raises a finding. Will not teach the models the new normal: they learn it
by themselves, slowly.
"""

from datetime import datetime, timedelta
from typing import Final

from agent.desk.device import Device
from agent.desk.turn import Turn
from agent.diagnose.moved_normal import Deviations, shift_sentence, shifts
from agent.errors import UnknownDeviceError
from agent.health.findings import Finding, FindingKind
from agent.store.devices import find_device
from agent.store.findings import add_finding
from agent.store.notices import (
    FIRMWARE_CHANGED,
    Notice,
    add_notice,
    devices_without,
    moved_metrics,
    updated_since,
)

_LATELY: Final = timedelta(days=14)
_MOST_OTHERS: Final = 200  # enough to know what the weather does
_MOST_UPDATED: Final = 200


def note_firmware(turn: Turn, device_id: str, firmware: str, at: datetime) -> None:
    """Note since when a device has its firmware, where it had another before. Called before its birth is recorded."""
    try:
        before = find_device(turn.session, device_id).firmware
    except UnknownDeviceError:
        return  # its first birth
    if before and before != firmware:
        finding = Finding(device_id, at, FindingKind.EVENT, 0.0, code=FIRMWARE_CHANGED, text=firmware)
        add_finding(turn.session, finding, None)


def is_firmwares_doing(turn: Turn, device: Device, finding: Finding) -> bool:
    """Tell whether a finding is what the device's firmware did to many, looking for that first where it may be."""
    playbook = turn.playbooks.get(device.product)
    if playbook is None or not finding.because or finding.kind not in {FindingKind.ONSET, FindingKind.DRIFT}:
        return False
    updated = updated_since(turn.session, device.product, device.firmware, turn.now - _LATELY)
    if device.id not in updated:
        return False
    telling = max(finding.because, key=lambda because: because.share).metric
    known = moved_metrics(turn.session, device.product, device.firmware)
    if telling in known:
        return True
    others = devices_without(turn.session, device.product, device.firmware, _MOST_OTHERS)
    found = shifts(_deviations(turn, others), _deviations(turn, list(updated)[:_MOST_UPDATED]))
    for shift in found:
        text = shift_sentence(shift, device.firmware, playbook)
        add_notice(
            turn.session,
            Notice(device.product, device.firmware, shift.metric, shift.moved, shift.watched, text, turn.now),
        )
    return telling in {shift.metric for shift in found}


def _deviations(turn: Turn, device_ids: list[str] | tuple[str, ...]) -> list[Deviations]:
    views = (turn.view(device_id) for device_id in device_ids)
    return [
        {because.metric: because.z for because in view.now if because.z is not None}
        for view in views
        if view is not None and not view.warming and view.silent_since is None
    ]
