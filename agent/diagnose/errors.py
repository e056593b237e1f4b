"""What can go wrong with diagnoses and what is learned from them (pure).

::

    PersonError
    └── UnknownFaultError      the playbook has no such fault: choose one it has, "something else", or nothing
    StoreError
    └── LearnerVersionError    a newer amends wrote what the learner knows: use that one
"""

from agent.errors import PersonError, StoreError


class UnknownFaultError(PersonError):
    """The product's playbook has no such fault. Nothing was learned."""

    def __init__(self, product: str, fault: str) -> None:
        super().__init__(f"the playbook of {product!a} has no fault {fault!a}")
        self.product = product
        self.fault = fault


class LearnerVersionError(StoreError):
    """What a product's learner knows was written by another version."""

    def __init__(self, product: str, version: int) -> None:
        super().__init__(f"what was learned about {product!a} has version {version}, which this amends does not read")
        self.product = product
        self.version = version
