"""How a fleet is written down (pure): everything but what was asked of it, which is journaled apart."""

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from agent.health.device import DeviceHealth, Row
from agent.health.errors import SnapshotError
from agent.health.fleet import Fleet
from agent.health.layout import Layout
from agent.health.models import ModelKind
from agent.health.product import ProductHealth
from agent.health.raising import Raising
from agent.health.recent import Ring
from agent.health.seal import seal, unseal
from agent.health.silence import Habit
from agent.health.stay_log import Saved
from agent.health.verdict import Verdict

_KIND: Final = "fleet"
_VERSION: Final = 1


class _Device(msgspec.Struct, frozen=True, array_like=True):
    device_id: str
    product: str
    place: int
    current: bool  # False: it is another product by now
    context: tuple[str, ...]
    learn: bool
    newest_s: float
    gap_s: float
    incomplete_s: float | None
    state: float
    drift: float
    warming: bool
    verdict: Verdict
    raising: Raising
    habit: Habit
    rows: tuple[bytes, bytes, bytes, bytes]
    ring: tuple[bytes, bytes, bytes, int]
    stays: Saved = (b"", b"")  # earlier versions kept none


class _Product(msgspec.Struct, frozen=True, array_like=True):
    name: str
    kind: str
    metrics: list[str]
    regimes: list[tuple[list[str | float | None], int]]
    devices: list[_Device]  # in the order of the model's rows
    model: bytes


class _Fleet(msgspec.Struct, frozen=True, array_like=True):
    listening_since_s: float
    ticked_s: float
    products: list[_Product]


_DECODER: Final = msgspec.msgpack.Decoder(_Fleet)


def pack_fleet(fleet: Fleet) -> bytes:
    """Return the whole state of a fleet; the same state gives the same bytes. Nothing may wait to be scored."""
    products: list[_Product] = []
    for name, product in fleet.products.items():
        layout = product.layout
        product.pour()
        products.append(
            _Product(
                name,
                product.kind,
                list(layout.columns),
                [(list(context), code) for context, code in layout.regimes.items()],
                [
                    _packed(fleet.current(device), product.stays.saved(device.place), fleet)
                    for device in product.devices
                ],
                product.model.snapshot(),
            )
        )
    packed = _Fleet(fleet.listening_since_s, fleet.ticked_s, products)
    return seal(_KIND, _VERSION, msgspec.msgpack.encode(packed))


def fill_fleet(fleet: Fleet, data: bytes) -> None:
    """Bring a new, empty fleet to what was packed.

    A product whose kind of model was chosen anew begins with an empty one: its devices keep their samples and habits,
    are warming again, and nothing is said about their state until then. ``Fleet.begun_anew`` names such products.

    Raises:
        SnapshotError: the bytes are damaged, of another version, or of another version of their kind of model.
    """
    products: dict[str, ProductHealth] = {}
    devices: dict[str, DeviceHealth] = {}
    begun_anew: list[str] = []
    try:
        packed = _DECODER.decode(unseal(_KIND, _VERSION, data))
        for part in packed.products:
            chosen = fleet.choice(part.name)
            product = products[part.name] = _product(part, len(products), chosen, fleet.kind(chosen))
            product.devices = [_unpacked(saved, fleet.recent_rows) for saved in part.devices]
            for saved in part.devices:
                product.stays.restore(saved.place, saved.stays)
            if chosen != part.kind:
                begun_anew.append(part.name)
                for device in product.devices:
                    device.begin_anew()
            devices |= {
                device.device_id: device
                for saved, device in zip(part.devices, product.devices, strict=True)
                if saved.current
            }
    except (msgspec.DecodeError, ValueError, KeyError) as error:
        raise SnapshotError(_KIND, str(error)) from error
    fleet.products, fleet.devices, fleet.begun_anew = products, devices, tuple(begun_anew)
    for product in products.values():
        for device in product.devices:
            fleet.settle_in(device)
            product.newest.keep(device)
    fleet.listening_since_s, fleet.ticked_s = packed.listening_since_s, packed.ticked_s


def _product(part: _Product, number: int, chosen: str, kind: ModelKind) -> ProductHealth:
    layout = Layout({metric: column for column, metric in enumerate(part.metrics)})
    layout.regimes = {tuple(context): code for context, code in part.regimes}
    model = kind.restore(part.model) if chosen == part.kind else kind.make()
    model.grow(len(part.devices))
    return ProductHealth(chosen, number, model, layout)


def _packed(device: DeviceHealth, stays: Saved, fleet: Fleet) -> _Device:
    return _Device(
        device_id=device.device_id,
        product=device.product,
        place=device.place,
        current=fleet.devices.get(device.device_id) is device,
        context=device.context,
        learn=device.learn,
        newest_s=device.newest_s,
        gap_s=device.gap_s,
        incomplete_s=device.incomplete_s,
        state=device.state,
        drift=device.drift,
        warming=device.warming,
        verdict=device.verdict,
        raising=device.raising,
        habit=device.habit,
        rows=(device.values.tobytes(), device.z.tobytes(), device.usual.tobytes(), device.because.tobytes()),
        ring=device.ring.saved(),
        stays=stays,
    )


def _unpacked(saved: _Device, recent_rows: int) -> DeviceHealth:
    device = DeviceHealth(saved.device_id, saved.product, saved.place, Ring.restored(recent_rows, saved.ring))
    device.context, device.learn = saved.context, saved.learn
    device.newest_s, device.gap_s, device.incomplete_s = saved.newest_s, saved.gap_s, saved.incomplete_s
    device.state, device.drift, device.warming = saved.state, saved.drift, saved.warming
    device.verdict, device.raising, device.habit = saved.verdict, saved.raising, saved.habit
    device.values, device.z, device.usual, device.because = _rows(saved.rows)
    return device


def _rows(saved: Iterable[bytes]) -> Iterable[Row]:
    return (np.frombuffer(row, np.float32).copy() for row in saved)
