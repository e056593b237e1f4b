"""Every simulated product by name (pure)."""

from typing import Final

from device_sim.products.appliance import Product
from device_sim.products.battery import BATTERY
from device_sim.products.coffee import COFFEE_MACHINE
from device_sim.products.freezer import FREEZER
from device_sim.products.heat_pump import HEAT_PUMP

PRODUCTS: Final[dict[str, Product]] = {
    product.name: product for product in (FREEZER, COFFEE_MACHINE, HEAT_PUMP, BATTERY)
}
