"""What a device remembers of its commands (state), and which it refuses (pure).

A repeated id is answered with the stored result and never acted on again, also after a restart: the
memory is in flash.
"""

from collections import OrderedDict
from collections.abc import Collection
from typing import Final

from broker.messages import Command, Result

REMEMBERED: Final = 64


class Orders:
    """The last 64 commands and their newest results. ``actuations`` counts what was really done."""

    def __init__(self) -> None:
        self.actuations: list[str] = []
        self._results: OrderedDict[str, Result | None] = OrderedDict()

    def __contains__(self, command_id: object) -> bool:
        return command_id in self._results

    def result(self, command_id: str) -> Result | None:
        """Return the stored result of a remembered command; ``None``: it was never answered."""
        return self._results[command_id]

    def remember(self, command_id: str, result: Result | None) -> None:
        """Keep the newest result of a command; the oldest of more than 64 commands is forgotten."""
        self._results[command_id] = result
        while len(self._results) > REMEMBERED:
            self._results.popitem(last=False)


def refusal(command: Command, now_ms: int, verbs: Collection[str], in_use: str) -> str:
    """Return why a device rejects a command; empty: it does not.

    ``in_use`` is what it is busy with; empty: nothing.
    """
    if command.verb not in verbs:
        return f"unknown verb {command.verb}"
    if now_ms > command.not_after:
        return "too late: not_after has passed"
    if in_use:
        return f"busy: {in_use}"
    return ""


def impossible(command: Command, settings: Collection[str], metrics: Collection[str]) -> str:
    """Return why a device cannot do what it accepted; empty: it can. It knows only its own settings and sensors."""
    match command.verb:
        case "set_config":
            unknown = [name for name in command.args if name not in settings]
            if unknown:
                return f"no setting {unknown[0]}"
            wrong = [name for name, value in command.args.items() if isinstance(value, str | bool)]
            return f"{wrong[0]} takes a number" if wrong else ""
        case "recalibrate":
            sensor = command.args.get("sensor")
            return "" if sensor in metrics else f"no sensor {sensor}"
        case _:
            return ""
