"""What can go wrong with a scorecard (pure).

::

    AgentError
    └── PersonError
        └── NoWorldError   no simulator is installed: install one that offers a world
"""

from agent.errors import PersonError


class NoWorldError(PersonError):
    """No installed package offers a world to live in."""

    def __init__(self) -> None:
        super().__init__("no simulated world is installed: the scorecard needs a package that offers amends.worlds")
