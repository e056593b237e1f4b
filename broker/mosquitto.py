"""Mosquitto as a child process: started hardened, watched, and stopped (shell).

Its files lie in ``<data>/broker``. It runs as the user who starts it. Who owns a ``Mosquitto`` waits on ``died``
and starts it again; nothing here does so by itself.
"""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import socket
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from broker.access import AGENT_USER, access_list
from broker.address import Address
from broker.configuration import ACCESS_FILE, CONFIG_FILE, STORE_FOLDER, Places, configuration, settings_in
from broker.credentials import PASSWORDS_FILE, Credentials
from broker.errors import (
    BrokerInUseError,
    MissingMosquittoError,
    MosquittoFailedError,
    PortTakenError,
    UnwritableError,
)
from broker.private_files import make_private_folder, try_lock, write_private
from broker.running import CHILD_LOCK_FILE, KEEPER_LOCK_FILE, PID_FILE, end_orphan, running_pid
from broker.sessions import can_log_in

LOG_FILE: Final = "mosquitto.log"

_PROGRAM_PLACES: Final = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/usr/local/opt/mosquitto/sbin")
_READY_S: Final = 10.0
_LOOK_EVERY_S: Final = 0.05
_STOP_S: Final = 10.0
_LAST_LINES: Final = 6
_LOG_BYTES: Final = 5_000_000

log = structlog.get_logger()


def find_mosquitto(places: Sequence[str] = _PROGRAM_PLACES) -> Path:
    """Return the program, from the search path or one of ``places``, where it lies for administrators only.

    Raises:
        MissingMosquittoError: there is none.
    """
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(places))
    if found is None:
        raise MissingMosquittoError
    return Path(found)


def hardened_settings() -> str:
    """Return the text of the ``mosquitto.conf`` that is shipped: beside the package's code, or in a checkout's root."""
    packaged = Path(__file__).with_name("mosquitto.conf")
    shipped = packaged if packaged.exists() else Path(__file__).parents[1] / "mosquitto.conf"
    return shipped.read_text(encoding="utf-8")


def running_agent_address(folder: Path) -> Address | None:
    """Return where the agent reaches the mosquitto that another process runs on ``folder``; ``None``: none runs.

    Raises:
        UnwritableError: the folder is not ours to read the agent's password from.
    """
    config = folder / CONFIG_FILE
    if running_pid(folder) is None or not config.exists():
        return None
    port = settings_in(config.read_text(encoding="utf-8"))["listener"].split()[0]  # the agent's stands last
    return Address("127.0.0.1", int(port), AGENT_USER, Credentials(folder).agent_password())


@dataclass(slots=True)
class _Child:
    process: Process
    places: Places
    keeper_lock: int


class Mosquitto:
    """A mosquitto on one data directory.

    Args:
        folder: ``<data>/broker``; made when missing.
        host: the address devices reach; ``0.0.0.0`` for all of this machine's.
        port: for devices; 0 lets the system choose.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self.folder = folder.absolute()
        self.credentials = Credentials(self.folder)
        self._host = host
        self._port = port
        self._agent_port = 0
        self._child: _Child | None = None
        self._stopping = False

    @property
    def address(self) -> Address:
        """Where devices connect; they bring their own user and password. Its port is 0 before the first start."""
        return Address(self._host, self._port)

    @property
    def agent_address(self) -> Address:
        """Where the agent connects, with its account. Stays the same over restarts of this object."""
        return Address("127.0.0.1", self._agent_port, AGENT_USER, self.credentials.agent_password())

    @property
    def pid(self) -> int | None:
        """The child's process id; ``None``: it does not run."""
        child = self._child
        return child.process.pid if child is not None and child.process.returncode is None else None

    async def start(self) -> None:
        """Start mosquitto and return when it lets the agent in. What an earlier, killed run left is ended first.

        Raises:
            MissingMosquittoError: it is not installed.
            PortTakenError: something else listens on the port.
            UnwritableError: the folder cannot be written.
            BrokerInUseError: another amends runs a broker on this folder.
            RegistryDamagedError: the devices' credentials cannot be read.
            MosquittoFailedError: it ended, or did not answer within ten seconds.
        """
        program = find_mosquitto()
        make_private_folder(self.folder)
        make_private_folder(self.folder / STORE_FOLDER)
        await self._release()
        keeper_lock = try_lock(self.folder / KEEPER_LOCK_FILE)
        if keeper_lock is None:
            raise BrokerInUseError(self.folder)
        try:
            await asyncio.to_thread(end_orphan, self.folder)
            with _held(self._host, self._port) as port, _held("127.0.0.1", self._agent_port) as agent_port:
                self._port, self._agent_port = port, agent_port  # held together, so that they are never one
            places = Places(self.folder, self._host, self._port, self._agent_port, as_root=os.geteuid() == 0)
            await asyncio.to_thread(self._write_files, places)
            self._child = _Child(await self._launch(program), places, keeper_lock)
        except BaseException:
            os.close(keeper_lock)
            raise
        self._stopping = False
        try:
            await self._until_ready(self._child)
        except BaseException:
            await self.stop()
            raise
        log.info("mosquitto.started", address=str(self.address), pid=self.pid)

    async def died(self) -> MosquittoFailedError:
        """Wait until mosquitto ends without having been asked to, and return how it did.

        Raises:
            RuntimeError: it was never started.
        """
        child = self._child
        if child is None:
            problem = "mosquitto was not started"
            raise RuntimeError(problem)
        status = await child.process.wait()
        if self._stopping:
            await asyncio.get_running_loop().create_future()  # it was asked to: there is nothing to tell, ever
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        log.error("mosquitto.died", status=status)
        return MosquittoFailedError(how, self._last_lines())

    async def stop(self) -> None:
        """Have mosquitto save its store and end; it is killed when it takes longer than ten seconds."""
        self._stopping = True
        await self._release()

    async def _release(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        try:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(child.process.wait(), _STOP_S)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    child.process.kill()
                await child.process.wait()
        finally:
            os.close(child.keeper_lock)

    def _write_files(self, places: Places) -> None:
        self.credentials.write_password_file()
        write_private(self.folder / ACCESS_FILE, access_list())
        text = configuration(hardened_settings(), places, PASSWORDS_FILE, PID_FILE)
        write_private(self.folder / CONFIG_FILE, text)

    async def _launch(self, program: Path) -> Process:
        log_file = self.folder / LOG_FILE
        child_lock = try_lock(self.folder / CHILD_LOCK_FILE)
        if child_lock is None:
            raise BrokerInUseError(self.folder)
        try:
            if log_file.exists() and log_file.stat().st_size > _LOG_BYTES:
                log_file.replace(log_file.with_suffix(".log.1"))
            descriptor = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            os.close(child_lock)
            raise UnwritableError(log_file, error.strerror or str(error)) from error
        try:
            return await create_subprocess_exec(
                program,
                "-c",
                self.folder / CONFIG_FILE,
                stdin=DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                pass_fds=(child_lock,),  # held as long as the child lives: see running.py
                start_new_session=True,  # a Ctrl-C in the terminal is for the agent, which then stops its broker
            )
        finally:
            os.close(descriptor)
            os.close(child_lock)

    async def _until_ready(self, child: _Child) -> None:
        deadline = asyncio.get_running_loop().time() + _READY_S
        while asyncio.get_running_loop().time() < deadline:
            if child.process.returncode is not None:
                if any("Address already in use" in line for line in self._last_lines()):
                    raise PortTakenError(self._host, self._port)
                problem = f"ended with status {child.process.returncode}"
                raise MosquittoFailedError(problem, self._last_lines())
            if await can_log_in(self.agent_address):
                return
            await asyncio.sleep(_LOOK_EVERY_S)
        problem = f"did not answer within {_READY_S:.0f} s"
        raise MosquittoFailedError(problem, self._last_lines())

    def _last_lines(self) -> tuple[str, ...]:
        with contextlib.suppress(OSError):
            text = (self.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")
            return tuple(text.splitlines()[-_LAST_LINES:])
        return ()


@contextlib.contextmanager
def _held(host: str, port: int) -> Iterator[int]:
    """Hold the port, or one the system chooses for 0, until the block ends.

    Raises:
        PortTakenError: something listens there.
        MosquittoFailedError: the host is not this machine's, or the port is not ours to take.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(host, port) from error
            problem = f"cannot listen on {host}:{port}: {error.strerror or error}"
            raise MosquittoFailedError(problem) from error
        yield probe.getsockname()[1]
