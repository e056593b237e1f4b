"""Serves the console in the agent's own event loop (shell)."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from agent.errors import PersonError

_STOP_S = 3  # a live page holds its stream open for ever; nobody waits for it longer than this


class ConsolePortError(PersonError):
    """The console cannot listen where it was told to. Choose another port with ``--port``."""

    def __init__(self, host: str, port: int, problem: str) -> None:
        super().__init__(f"the console cannot listen on {host}:{port} ({problem}); choose another port with --port")
        self.host = host
        self.port = port
        self.problem = problem


def take_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens, before anything else is started.

    Raises:
        ConsolePortError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        problem = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
        raise ConsolePortError(host, port, problem) from error
    listening.setblocking(False)  # noqa: FBT003 - the socket module's signature
    return listening


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs the process; every part of it must hear them, not only this one."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve until cancelled; open pages are given a moment to end."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_STOP_S, lifespan="off"
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        app.state.feed.close()
        server.should_exit = True
        await serving
