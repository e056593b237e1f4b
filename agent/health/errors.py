"""What can go wrong with the per-device model (pure).

::

    HealthError
    └── SnapshotError    bytes that are no snapshot of this kind: use an older one and replay the journal
    PersonError
    └── ModelChoiceError    AMENDS_MODELS names a product or a kind of model that is not there: correct it
"""

from agent.errors import AgentError, PersonError


class HealthError(AgentError):
    """Anything this package raises on purpose."""


class SnapshotError(HealthError):
    """These bytes cannot be restored from; ``problem`` says why."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(f"this is no usable snapshot of {kind}: {problem}")
        self.kind = kind
        self.problem = problem


class ModelChoiceError(PersonError):
    """The choice of models cannot be used; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"AMENDS_MODELS: {problem}")
        self.problem = problem
