"""What shows that a device did as it was told, though it never answered (pure): its boot, its status, its uptime."""

from math import copysign
from typing import Final

from agent.act.command import Command, Signal
from agent.desk.device import Device
from agent.diagnose.playbook import Fault
from agent.health.findings import HealthView
from agent.health.gone import gone_of

UPTIME = "uptime_s"  # seconds since the device started, where it measures that
_PLAIN: Final = 2.0  # from here on, in what devices of the product stray over a day, slow wear is more than chance


def restarted_since(command: Command, device: Device, view: HealthView | None) -> str | None:
    """Return in a sentence what shows that the device has restarted since the command left; ``None``: nothing does.

    An uptime tells of the moment its sample was taken, however long ago that is by now.
    """
    if command.sent_at is None:
        return None
    if command.boot and device.boot and device.boot != command.boot:
        return "It has begun a new boot since."
    if device.online and device.status_at > command.sent_at:
        return "It went away and came back since."
    if view is None or view.sample_at is None:
        return None
    since_s = (view.sample_at - command.sent_at).total_seconds()
    uptimes = (because.value for because in view.now if because.metric == UPTIME)
    if any(value is not None and 0 <= value < since_s for value in uptimes):
        return "Its uptime has begun anew since."
    return None


def signal_of(view: HealthView | None, fault: Fault | None) -> Signal | None:
    """Return how far off a device is, to be compared with later; ``None``: nothing is known.

    ``fault`` is what is to be put right, which says where slow wear has to come back (``None``: nobody has named one).
    """
    if view is None:
        return None
    z = tuple((because.metric, because.z) for because in view.now if because.z is not None)
    symptoms = () if fault is None else fault.symptoms
    moved = {(symptom.metric, way) for symptom in symptoms for way in (-1.0, 1.0) if symptom.moves(way)}
    slow = [
        (abs(one.z), gone_of(one))
        for one in view.worn
        if one.stands and one.usual is not None and abs(one.z) >= _PLAIN
        if (one.metric, copysign(1.0, one.shift)) in moved
    ]
    furthest = max(slow, key=lambda one: one[0], default=(0.0, None))[1]
    return Signal(view.state, z, furthest)
