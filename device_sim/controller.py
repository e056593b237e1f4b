"""The controller inside every product (state): its free memory and its radio."""

from random import Random
from typing import Final

from broker.messages import MetricSpec
from device_sim.products.appliance import Strain

METRICS: Final = {
    "memory_free_kb": MetricSpec(unit="kB", min=0, max=131072),
    "wifi_rssi_dbm": MetricSpec(unit="dBm", min=-120, max=0),
}
"""What every product measures besides its own metrics."""


class Controller:
    """One controller: how much memory is free, and how well it hears the router."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._free_kb = chance.uniform(38_000, 46_000)
        self._rssi_dbm = chance.uniform(-66, -48)

    def step(self, strain: Strain) -> dict[str, float]:
        """Return the controller's readings."""
        gauss = self._chance.gauss
        return {
            "memory_free_kb": max(self._free_kb * (1.0 - 0.95 * strain["memory"]) + gauss(0.0, 180.0), 200.0),
            "wifi_rssi_dbm": self._rssi_dbm + strain["wifi_db"] + gauss(0.0, 1.4),
        }
