"""What can go wrong with a scorecard (pure).

::

    AgentError
    └── PersonError
        ├── NoWorldError      no simulator is installed: install one that offers a world
        └── BrokenWorldError  it could not begin as it was asked to: its own words say why
"""

from agent.errors import PersonError


class NoWorldError(PersonError):
    """No installed package offers a world to live in."""

    def __init__(self) -> None:
        super().__init__("no simulated world is installed: the scorecard needs a package that offers amends.worlds")


class BrokenWorldError(PersonError):
    """A world in another process could not begin; ``why`` is what it said."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the simulated world could not begin: {why}")
        self.why = why
