"""What can go wrong with visits (pure).

::

    PersonError
    ├── UnknownVisitError   there is no such visit: check the link or the number
    └── VisitOverError      the visit was done or cancelled already: nothing about it can change
"""

from agent.errors import PersonError
from agent.service.visit import VisitState


class UnknownVisitError(PersonError):
    """No visit has this id."""

    def __init__(self, visit_id: int) -> None:
        super().__init__(f"there is no visit {visit_id}")
        self.visit_id = visit_id


class VisitOverError(PersonError):
    """The visit is past changing."""

    def __init__(self, visit_id: int, state: VisitState) -> None:
        super().__init__(f"visit {visit_id} is {state} and cannot change any more")
        self.visit_id = visit_id
        self.state = state
