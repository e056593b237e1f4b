"""What can go wrong with the per-device model (pure).

::

    HealthError
    └── SnapshotError    bytes that are no snapshot of this kind: use an older one and replay the journal
"""

from agent.errors import AgentError


class HealthError(AgentError):
    """Anything this package raises on purpose."""


class SnapshotError(HealthError):
    """These bytes cannot be restored from; ``problem`` says why."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(f"this is no usable snapshot of {kind}: {problem}")
        self.kind = kind
        self.problem = problem
