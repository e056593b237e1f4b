"""Which kinds of per-device model there are, and which one a product gets (pure).

A new kind implements ``interface.Model`` and adds a line here. Its ``step`` takes batches with more columns than
before as they come: the metrics a device may yet name are not known when a model is made.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from agent.health import fleet_model, river_model
from agent.health.detector_model import DetectorModel
from agent.health.errors import ModelChoiceError
from agent.health.fleet_model import FleetModel
from agent.health.interface import Model
from agent.health.river_detectors import DETECTORS
from agent.health.river_model import Patience, RiverModel


@dataclass(frozen=True, slots=True)
class ModelKind:
    """How to make an empty model of this kind, and how to restore one from its snapshot."""

    make: Callable[[], Model]
    restore: Callable[[bytes], Model]


Choice: TypeAlias = Callable[[str], str]
"""From a product to the name of its kind of model."""


def river(patience: Patience | None = None) -> ModelKind:
    """Return the kind built on river; ``patience`` is what a device must have shown before it is judged."""
    return ModelKind(lambda: RiverModel(patience or Patience()), RiverModel.restore)


def detector(name: str) -> ModelKind:
    """Return the kind that runs one of river's detectors on each device; ``name`` is a key of ``DETECTORS``."""
    return ModelKind(lambda: DetectorModel(name), DetectorModel.restore)


KINDS: Final[Mapping[str, ModelKind]] = {
    river_model.KIND: river(),
    fleet_model.KIND: ModelKind(FleetModel, FleetModel.restore),
    **{name: detector(name) for name in DETECTORS},
}


def usual_kind(product: str) -> str:
    """Choose the compiled model, whatever the product."""
    del product
    return fleet_model.KIND


def read_choice(text: str, products: Collection[str]) -> Choice:
    """Return the choice written as ``product=kind,…``; a product that is not named gets its usual kind.

    ``products`` are those there is a playbook for.

    Raises:
        ModelChoiceError: a part is not ``product=kind``, or there is no such product or kind.
    """
    chosen: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        product, equals, kind = (word.strip() for word in part.partition("="))
        problem = None
        if not equals or product in chosen:
            problem = f"{part!a} is not one product=kind"
        elif product not in products:
            problem = f"there is no playbook for {product!a}, only for {', '.join(sorted(products))}"
        elif kind not in KINDS:
            problem = f"there is no kind of model {kind!a}: choose {', '.join(KINDS)}"
        if problem is not None:
            raise ModelChoiceError(problem)
        chosen[product] = kind
    return lambda product: chosen.get(product) or usual_kind(product)
