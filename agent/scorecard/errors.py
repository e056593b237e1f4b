"""What can go wrong with a scorecard (pure).

::

    AgentError
    └── PersonError
        └── NoWorldError   no simulator is installed: install one that offers a world
    AgentError
    └── ContenderError     a contender's process died: what it said is on standard error
"""

from agent.errors import AgentError, PersonError


class NoWorldError(PersonError):
    """No installed package offers a world to live in."""

    def __init__(self) -> None:
        super().__init__("no simulated world is installed: the scorecard needs a package that offers amends.worlds")


class ContenderError(AgentError):
    """A contender's process ended without its figures; why is on standard error."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the contender {name} did not come to its end")
        self.name = name
