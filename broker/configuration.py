"""What mosquitto is told (pure): the hardened settings of the root ``mosquitto.conf`` plus this machine's places."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Where one mosquitto keeps its things and listens.

    ``host`` and ``port`` are for devices; ``agent_port`` is for the agent, on this machine only.
    ``as_root``: the process is root's and stays so.
    """

    folder: Path
    host: str
    port: int
    agent_port: int
    as_root: bool = False


CONFIG_FILE = "mosquitto.conf"
ACCESS_FILE = "access"
STORE_FOLDER = "store"


def configuration(hardened: str, places: Places, password_file: str, pid_file: str) -> str:
    """Return the whole configuration file; ``hardened`` is the text of the root ``mosquitto.conf``."""
    folder = places.folder
    lines = [
        "# Written by amends at every start; change the mosquitto.conf of the source instead.",
        "",
        hardened.rstrip(),
        "",
        f"password_file {folder / password_file}",
        f"acl_file {folder / ACCESS_FILE}",
        f"persistence_location {folder / STORE_FOLDER}/",
        f"pid_file {folder / pid_file}",
        "log_dest stderr",
        "",
        "# Devices. The user name replaces the client id: otherwise a device could take over another's session, or",
        "# the agent's with all that waits in it, by using its client id.",
        f"listener {places.port} {places.host}",
        "use_username_as_clientid true",
        "",
        "# The agent, from this machine: it has one account and several sessions.",
        f"listener {places.agent_port} 127.0.0.1",
    ]
    if places.as_root:
        lines += [
            "",
            "# Started by root, mosquitto would become the user `mosquitto`, who may not read the private files above.",
            "user root",
        ]
    return "\n".join(lines) + "\n"


def settings_in(text: str) -> dict[str, str]:
    """Return the settings of a configuration file by name, comments left out; of a repeated one the last counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            found[name] = value.strip()
    return found
