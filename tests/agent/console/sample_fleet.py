"""The sample's devices and what their models know."""

from dataclasses import replace

from sqlmodel import Session

from agent.health.findings import Because
from agent.store.tables import DeviceRow
from tests.agent.console.curves import Curve, DrawnHealth, normal
from tests.agent.console.sample_cases import HOUR, MINUTE, NOW, PLAYBOOKS

LEVELS = {  # usual level and swing
    "cabinet_temp_c": (-18.2, 0.5),
    "evaporator_temp_c": (-26.1, 0.8),
    "compressor_current_a": (1.32, 0.08),
    "compressor_duty": (0.42, 0.05),
    "fan_rpm": (1460.0, 22.0),
    "fan_current_a": (0.21, 0.01),
    "door_open_s": (1.5, 1.4),
    "ambient_temp_c": (21.5, 1.2),
    "memory_free_kb": (18_400.0, 300.0),
    "wifi_rssi_dbm": (-58.0, 2.0),
    "brew_temp_c": (92.1, 0.4),
    "boiler_temp_c": (118.0, 1.0),
    "heater_duty": (0.31, 0.06),
    "pump_pressure_bar": (9.1, 0.2),
    "flow_ml_s": (4.2, 0.2),
    "grinder_current_a": (2.1, 0.1),
    "water_level_pct": (64.0, 6.0),
    "brews": (0.3, 0.4),
    "supply_temp_c": (38.0, 1.4),
    "return_temp_c": (32.5, 1.0),
    "outdoor_temp_c": (9.0, 2.4),
    "compressor_hz": (44.0, 4.0),
    "power_w": (1240.0, 120.0),
    "flow_l_min": (18.2, 0.5),
    "coil_temp_c": (4.0, 1.0),
    "soc_pct": (61.0, 9.0),
    "pack_voltage_v": (51.8, 0.6),
    "pack_current_a": (6.0, 4.0),
    "cell_delta_mv": (12.0, 2.0),
    "pack_temp_c": (27.0, 1.2),
    "inverter_temp_c": (41.0, 2.0),
    "round_trip_pct": (94.0, 0.6),
}
FLEET = (
    *((f"frost-{n:04d}", "frost-200", "2.4.1") for n in range(1, 9)),
    *((f"bean-{n:04d}", "bean-9", "1.9.0") for n in range(1, 6)),
    *((f"therm-{n:04d}", "therm-40", "5.0.3") for n in range(1, 4)),
    *((f"volt-{n:04d}", "volt-12", "3.1.7") for n in range(1, 4)),
)


def fill_fleet(session: Session, health: DrawnHealth) -> None:
    for place, (device_id, product, firmware) in enumerate(FLEET):
        metrics = {metric.name: {"unit": metric.unit} for metric in PLAYBOOKS[product].metrics if not metric.context}
        verbs = sorted({remedy.verb for remedy in PLAYBOOKS[product].remedies})
        session.add(
            DeviceRow(
                id=device_id,
                product=product,
                firmware=firmware,
                serial=f"{product[:2].upper()}-{18_200 + 37 * place}",
                boot="01K5NQ",
                customer_id=f"c-{place % 3 + 1}",
                birth={"metrics": metrics, "context": ["mode"], "commands": verbs},
                online=device_id != "frost-0006",
                busy=device_id == "bean-0002",
                has_clock=device_id != "bean-0003",
                off_on_purpose=device_id == "bean-0005",
                first_seen_at=NOW - 700 * HOUR,
                status_at=NOW - (31 + 7 * place) * HOUR,
                missed=3 if device_id == "volt-0002" else 0,
            )
        )
        curves = {name: Curve(*LEVELS[name]) for name in metrics if name in LEVELS}
        health.curves[device_id] = curves
        now = tuple(
            Because(name, 0.1, 0.3, curve.usual + curve.swing * 0.1, curve.usual) for name, curve in curves.items()
        )
        health.views[device_id] = normal(device_id, NOW, since=(place + 3) * HOUR, now_parts=now)
    _doubts(health)


def _doubts(health: DrawnHealth) -> None:
    def but(device_id: str, **changes: object) -> None:
        health.views[device_id] = replace(health.views[device_id], **changes)  # type: ignore[arg-type]  # fields by name

    but("frost-0004", warming=True, normal_since=None)
    but("frost-0006", silent_since=NOW - 47 * MINUTE, normal_since=None)
    but("volt-0002", incomplete_since=NOW - 12 * MINUTE)
