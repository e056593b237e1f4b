"""What can go wrong while listening (pure).

::

    ListenError
    ├── SessionTakenOverError   another agent connected under our name: stop one of the two
    └── ConnectionLostError     the broker went away or spoke nonsense: connect again
"""

from enum import StrEnum

from agent.errors import AgentError


class ListenError(AgentError):
    """Anything this package raises on purpose."""


class SessionTakenOverError(ListenError):
    """The broker gave our session to another client. Coming back would throw that one out, and so on for ever."""

    def __init__(self, client_id: str) -> None:
        super().__init__(
            f"another agent connected to the broker as {client_id!r} and has taken over; this one stops. "
            "Run one agent a broker, or give each its own client id"
        )
        self.client_id = client_id


class Loss(StrEnum):
    """How a connection ended."""

    UNREACHABLE = "the broker cannot be reached"
    NO_ANSWER = "the broker did not answer in time"
    REFUSED = "the broker does not want us now"
    CLOSED = "the broker closed the connection"
    SILENT = "the broker fell silent"
    NONSENSE = "what came is no MQTT 5"
    TOO_LARGE = "a packet is larger than we allow"
    NOT_SUBSCRIBED = "the broker did not grant our subscriptions"


class ConnectionLostError(ListenError):
    """A connection ended, or never began. ``detail`` is the other side's word for it, empty for none."""

    def __init__(self, loss: Loss, detail: str = "") -> None:
        super().__init__(f"{loss} ({detail})" if detail else str(loss))
        self.loss = loss
        self.detail = detail
