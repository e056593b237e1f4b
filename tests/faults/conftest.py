"""The catalogue of faults as tests: which run, how hard they try, from which seed, and what they came to.

Each carries ``@pytest.mark.fault("DEL-1", "what is done")`` and measures into ``verdict``. Those that take long also
carry ``full`` and run only with ``--faults full``; ``scripts/faults`` starts all of it. ``docs/faults.md`` says more.
"""

from collections.abc import Generator, Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar, assert_never

import pytest

from tests.faults.verdict import Verdict, place, table, verdict_from

T = TypeVar("T")

VERDICT = pytest.StashKey[Verdict]()
VERDICTS = pytest.StashKey[list[Verdict]]()
SEED = pytest.StashKey[int]()
PROPERTY = "verdict"


class Effort(StrEnum):
    """How hard to try: in half a minute, among all other tests, or as hard as the catalogue asks."""

    QUICK = "quick"
    USUAL = "usual"
    FULL = "full"

    def of(self, *, quick: T, full: T) -> T:
        """Return ``full`` for the whole catalogue, else ``quick``."""
        return full if self is Effort.FULL else quick


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults", "the catalogue of faults")
    group.addoption("--faults", choices=[*Effort], default=Effort.USUAL, help="how hard to try")
    group.addoption("--fault", action="append", default=[], metavar="ID", help="only this one; may be repeated")
    group.addoption("--fault-seed", type=int, metavar="N", help="the seed; else one is drawn and printed")
    group.addoption("--fault-data", type=Path, metavar="FILE", help="telemetry for REPLAY-1M; else it is simulated")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(id, done): tries one fault of docs/faults.md, and what is done in it")
    config.addinivalue_line("markers", "quick: is also in the half minute of scripts/faults quick")
    config.addinivalue_line("markers", "full: takes long; runs only in the whole catalogue, scripts/faults")
    config.stash[VERDICTS] = []
    config.pluginmanager.register(Collector(config))
    asked = config.getoption("--fault-seed", None)
    config.stash[SEED] = SystemRandom().randrange(10**6) if asked is None else int(asked)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long ones unless all were asked for, and what was not named."""
    wanted = set(config.getoption("--fault", []))
    known = {fault for item in items if (fault := _fault(item))}
    if wanted - known:
        unknown = ", ".join(sorted(wanted - known))
        problem = f"no test of {unknown}; there are {', '.join(sorted(known, key=place))}"
        raise pytest.UsageError(problem)
    left_out = [item for item in items if _is_left_out(item, wanted, _effort(config))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _is_left_out(item: pytest.Item, wanted: set[str], effort: Effort) -> bool:
    if wanted:
        return _fault(item) not in wanted
    match effort:
        case Effort.QUICK:
            return item.get_closest_marker("quick") is None
        case Effort.USUAL:
            return item.get_closest_marker("full") is not None
        case Effort.FULL:
            return False
        case never:
            assert_never(never)


def _effort(config: pytest.Config) -> Effort:
    return Effort(config.getoption("--faults", Effort.USUAL))


def _fault(item: pytest.Item) -> str:
    marker = item.get_closest_marker("fault")
    return "" if marker is None else str(marker.args[0])


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Fail a test whose figures do not reach their targets."""
    result = yield
    verdict = pyfuncitem.stash.get(VERDICT, None)
    if verdict is not None:
        verdict.hold()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the verdict of a fault into the report of its test once that has ended, or could not even begin."""
    report = yield
    marker = item.get_closest_marker("fault")
    ended = call.when == "call" or (call.when == "setup" and call.excinfo is not None)
    if marker is None or not ended:
        return report
    fault, done = marker.args
    verdict = item.stash.get(VERDICT, None) or Verdict(fault, done, item.config.stash[SEED])
    if call.excinfo is not None:
        verdict.failure = call.excinfo.exconly(tryshort=True).splitlines()[0][:200]
    report.user_properties.append((PROPERTY, asdict(verdict)))  # a test may run in a process of its own
    return report


class Collector:
    """Keeps the verdicts of all processes that tests run in, and in a full run prints each as it comes."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told: Any = dict(report.user_properties).get(PROPERTY)
        if told is None or report.when == "teardown":
            return
        verdict = verdict_from(told)
        self.config.stash[VERDICTS].append(verdict)
        terminal = self.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and _effort(self.config) is Effort.FULL:
            terminal.ensure_newline()
            terminal.write_line(verdict.line())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    verdicts = config.stash[VERDICTS]
    if not verdicts:
        return
    terminalreporter.section("faults")
    if _effort(config) is not Effort.FULL:  # there each was printed when its test ended
        for verdict in sorted(verdicts, key=lambda one: place(one.fault)):
            terminalreporter.write_line(verdict.line())
        terminalreporter.write_line("")
    for row in table(verdicts):
        terminalreporter.write_line(row)


@pytest.fixture(scope="session")
def effort(pytestconfig: pytest.Config) -> Effort:
    """How hard to try: ``effort.of(quick=3, full=50)`` kills."""
    return _effort(pytestconfig)


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Where all chance of a fault comes from; printed with its verdict."""
    return pytestconfig.stash[SEED]


@pytest.fixture
def verdict(request: pytest.FixtureRequest, seed: int) -> Verdict:
    """Takes the figures of the fault that the test's marker names."""
    marker = request.node.get_closest_marker("fault")
    assert marker is not None, f"{request.node.name} measures a verdict and names no fault"
    fault, done = marker.args
    request.node.stash[VERDICT] = found = Verdict(fault, done, seed)
    return found
