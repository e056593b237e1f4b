"""Contenders side by side (shell): a process each, for they share nothing but a seed."""

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import Final

import structlog

from agent.scorecard.contest import Name, contender, live, open_world
from agent.scorecard.errors import ContenderError
from agent.scorecard.figures import Figures, Run, Scorecard
from agent.scorecard.staffing import Trust

_WARNING: Final = 30


def play(run: Run, tell: Callable[[Name, float], None]) -> Scorecard:
    """Return the scorecard of a run; ``tell`` hears how many days a contender has lived.

    Raises:
        NoWorldError: there is no world to live in.
        ContenderError: one of the processes died.
    """
    open_world(run)  # what is wrong with the wish is said here, once
    processes = multiprocessing.get_context("spawn")
    results: dict[Name, Figures] = {}
    hearing: dict[Connection, Name] = {}
    children = []
    for name in Name:
        ours, theirs = processes.Pipe(duplex=False)
        child = processes.Process(target=_live, args=(name, run, theirs), name=f"scorecard {name}", daemon=True)
        child.start()
        theirs.close()
        hearing[ours] = name
        children.append(child)
    try:
        while hearing:
            for ready in _ready(list(hearing)):
                name = hearing[ready]
                try:
                    heard: float | Figures = ready.recv()
                except EOFError:
                    del hearing[ready]
                    if name not in results:
                        raise ContenderError(name) from None
                    continue
                if isinstance(heard, Figures):
                    results[name] = heard
                else:
                    tell(name, heard)
    finally:
        for child in children:
            child.terminate()
            child.join()
    return Scorecard(run, results[Name.AGENT], results[Name.NONE], results[Name.THRESHOLDS])


def _ready(connections: Sequence[Connection]) -> list[Connection]:
    return [one for one in wait(connections) if isinstance(one, Connection)]


def _live(name: Name, run: Run, ours: Connection) -> None:
    """Live in a process of its own; what is said goes through the pipe, and problems to standard error."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(_WARNING))
    world = open_world(run)
    ours.send(live(contender(name, world, Trust(run.trust)), world, run, ours.send))
