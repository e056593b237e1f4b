"""One town for all journeys: the whole product as a stranger starts it, with every fault on two devices.

What a device measures is drawn by chance and by the clock of the wall: now and then the weather hides a fault from the
one device that has it. A journey holds when it was made with one of the two. Look-alikes
and devices off on purpose are looked at on both.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

AMENDS = (sys.executable, "-m", "agent")
SEED = 7
SPEED = 120
HASTY = {**os.environ, "AMENDS_GUARD_WEIGH_SLOW_MIN": "75", "AMENDS_GUARD_CANARY_SECOND": "100"}
"""The second device shall have its chance when the first one's remedy fails: a canary would hold it back."""
PATIENCE_S = 330.0  # of the wall, from the start; a quiet machine needs about 200
LEAST_S = 60.0  # what is left to each journey when others have used all that up


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def say(*words: str, data: Path) -> Any:
    """Run a command of ours and return the JSON it prints."""
    done = subprocess.run([*AMENDS, *words, "--data", str(data), "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


@dataclass(frozen=True)
class Town:
    """The running product, seen through its HTTP API as a script would see it."""

    api: httpx.Client
    devices: dict[tuple[str, str], tuple[str, ...]]  # by product and fault
    data: Path
    begun: float

    def get(self, path: str, **query: str) -> Any:
        answer = self.api.get(path, params=query)
        answer.raise_for_status()
        return answer.json()

    def tickets(self, product: str, fault: str) -> list[Any]:
        """Return the tickets about this fault of the devices that have it, oldest first on each."""
        return [ticket for ticket in self.tickets_of(product, fault) if ticket["fault"] == fault]

    def tickets_of(self, product: str, fault: str) -> list[Any]:
        """Return every ticket of the devices that have this fault, whatever it is about, oldest first on each."""
        found = [self.get("/tickets", device=device)["items"] for device in self.devices[product, fault]]
        return [self.get(f"/tickets/{line['number']}") for lines in found for line in reversed(lines)]

    def wait(self, product: str, fault: str, until: Callable[[Any], bool]) -> Any:
        """Return the first ticket about the fault for which ``until`` holds; fails when the patience ends."""
        late, until_s = False, max(self.begun + PATIENCE_S, time.monotonic() + LEAST_S)
        while not late:
            late = time.monotonic() > until_s
            for ticket in self.tickets(product, fault):
                if until(ticket):
                    return ticket
            time.sleep(1.0)
        told = [
            (ticket["number"], ticket["fault"], ticket["state"], [entry["text"] for entry in ticket["story"]])
            for ticket in self.tickets_of(product, fault)
        ]
        log = (self.data / "amends.log").read_text()[-2000:]
        devices = " and ".join(self.devices[product, fault])
        pytest.fail(f"{fault} of {product} on {devices}: {told or 'no ticket at all'}\n{log}")


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    data = tmp_path_factory.mktemp("town")
    faults: dict[str, list[str]] = {product: list(known) for product, known in say_list()["faults"].items()}
    devices = {
        (product, fault): tuple(f"{product.split('-')[0]}-{turn * len(known) + nth:04}" for turn in range(2))
        for product, known in faults.items()
        for nth, fault in enumerate(known, start=1)
    }
    in_all = 2 * len(faults) * max(len(known) for known in faults.values())  # the products share them in turn
    port = free_port()
    demo = ["up", "--demo", "--scenario", "every", "--devices", str(in_all), "--seed", str(SEED)]
    places = ["--speed", str(SPEED), "--port", str(port), "--broker-port", str(free_port()), "--data", str(data)]
    with (data / "amends.log").open("w") as log:
        process = subprocess.Popen([*AMENDS, *demo, *places], stdout=log, stderr=log, env=HASTY)
    begun = time.monotonic()
    try:
        url = f"http://127.0.0.1:{port}"
        wait_ready(url, process, data / "amends.log")
        token = say("staff", "token", "admin", data=data)["token"]
        with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=20) as api:
            yield Town(api, devices, data, begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def say_list() -> Any:
    done = subprocess.run([*AMENDS, "sim", "list", "--json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def wait_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"amends ended: {log.read_text()[-2000:]}")
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"amends is not ready: {log.read_text()[-2000:]}")
