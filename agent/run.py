"""Starts every part, keeps them in one task group, and stops them in order (shell).

Broker first, then the hot path (snapshot, then the journal's replay), then the slow path, then the console. What
cannot start ends everything before it with one sentence. A signal stops it all cleanly, last part first:
the hot path keeps a last snapshot, and the broker saves its store.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import structlog

from agent.act.sender import Sender
from agent.care.dispatch import Dispatcher, open_channel
from agent.care.mail import parse_sender
from agent.console.app import make_app
from agent.console.parts import ConsoleParts, Vitals
from agent.console.serve import serve, take_port
from agent.demo import DemoFleet, import_households, is_demo, promote_remedies, run_fleet, start_clock
from agent.errors import PersonError
from agent.health.fleet import Fleet
from agent.health.models import read_choice
from agent.history.folder import Folder
from agent.history.process import HistoryProcess, open_history
from agent.history.reading import History
from agent.history.writer import newest_offset
from agent.house import DemoDataError, House, bind_words, check_sound, make_data_dir, open_house, read_secret
from agent.listen.intake import Intake
from agent.listen.opening import open_intake, open_journal
from agent.privacy.erase import erase_again
from agent.privacy.models import forget_in_models
from agent.renew import keep_renewed
from agent.scorecard.figures import KEPT_AS
from agent.settings import Settings
from agent.store.cursors import FACTS, read_cursor
from agent.wake import wake_up
from agent.watch.broker_count import follow_count, open_session
from agent.watch.readiness import problems_of
from agent.watch.watching import Watch
from agent.welcome import Addresses, first_password, welcome
from agent.work import Worker
from broker.address import Address, parse_address
from broker.errors import BrokerError
from broker.mosquitto import Mosquitto, running_agent_address
from broker.sessions import Session

_SENDER = "amends-sender"  # the client id of the session that commands and notices leave by
_START_AGAIN_S = 1.0

log = structlog.get_logger()


class NoBrokerError(PersonError):
    """The agent was started alone and there is no broker to speak to."""

    def __init__(self) -> None:
        super().__init__("no broker runs on this data directory: start `amends broker`, or name one with --broker-url")


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts this process runs. ``demo``: also this simulated fleet, on a scaled clock; ``None``: no demo."""

    broker: bool = False
    agent: bool = False
    console: bool = False
    demo: DemoFleet | None = None


@dataclass(frozen=True, slots=True)
class _Agent:
    """The agent's two readers of what devices say, its way out to them, and what keeps an eye on all."""

    intake: Intake
    outlet: Session
    history: HistoryProcess
    watch: Watch


@dataclass(slots=True)
class _Running:
    """The parts at work, in the order they were started."""

    group: asyncio.TaskGroup
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, part: Coroutine[object, object, None], name: str) -> None:
        self.tasks.append(self.group.create_task(part, name=name))

    async def stop(self) -> None:
        """Stop the parts, last one first, each before the one it needs."""
        for task in reversed(self.tasks):
            task.cancel()
            await asyncio.wait([task])


async def run(settings: Settings, parts: Parts) -> None:
    """Run the parts until a signal says stop.

    Raises:
        AgentError, BrokerError, PlaybookError: a part cannot start, or cannot go on; nothing is left running.
    """
    stop = asyncio.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(kind, stop.set)
    try:
        await _run(settings, parts, stop)
    except ExceptionGroup as failures:
        raise _first(failures) from failures
    log.info("amends.stopped")


async def _run(settings: Settings, parts: Parts, stop: asyncio.Event) -> None:
    async with AsyncExitStack() as opened:
        demo_clock = None
        if parts.demo is not None:
            make_data_dir(settings.data)
            demo_clock = start_clock(settings.data, parts.demo.speed)
            settings = settings.scaled_to(demo_clock.clock)
        elif is_demo(settings.data):
            raise DemoDataError(settings.data)
        house = open_house(settings)
        opened.callback(house.database.close)
        await asyncio.to_thread(check_sound, house)
        bind_words(house)
        erase_again(house, house.clock.now())
        listening = take_port(settings.console_host, settings.console_port) if parts.console else None
        if listening is not None:
            opened.callback(listening.close)
        mosquitto = await opened.enter_async_context(_started(house)) if parts.broker else None
        fleet = Fleet(choice=read_choice(settings.models, house.playbooks), recent_rows=settings.recent_rows)
        worker = Worker(
            *(house.database, house.playbooks, fleet, house.clock, settings.links_url),
            policy=settings.policy,
            staff_mail=settings.staff_mail,
            versions=house.library.versions,
        )
        if parts.demo is not None:
            await import_households(parts.demo, house)
            await asyncio.to_thread(promote_remedies, worker)
        agent = _open_agent(house, worker, fleet, mosquitto, opened) if parts.agent else None

        async with asyncio.TaskGroup() as group:
            running = _Running(group)
            running.start(keep_renewed(house.library), "playbooks")
            if mosquitto is not None:
                running.start(_keep_running(mosquitto), "broker")
            if agent is not None:
                running.start(agent.history.run(), "history")
                running.start(agent.intake.run(), "intake")
                _start_slow_path(house, worker, agent, running)
                running.start(forget_in_models(house.database, fleet), "privacy")
            if listening is not None:
                running.start(serve(make_app(_console_parts(house, worker, fleet, agent)), listening), "console")
            if demo_clock is not None and parts.demo is not None and mosquitto is not None and agent is not None:
                running.start(demo_clock.keep(), "demo.clock")
                running.start(_fleet_once_heard(parts.demo, house, mosquitto, agent.intake), "demo.fleet")
            _greet(house, parts, mosquitto)
            await stop.wait()
            log.info("amends.stopping")
            await running.stop()


@asynccontextmanager
async def _started(house: House) -> AsyncIterator[Mosquitto]:
    mosquitto = Mosquitto(house.broker_folder, house.settings.broker_host, house.settings.broker_port)
    await mosquitto.start()
    try:
        yield mosquitto
    finally:
        await mosquitto.stop()


async def _fleet_once_heard(fleet: DemoFleet, house: House, mosquitto: Mosquitto, intake: Intake) -> None:
    """Run the simulated fleet once the agent listens: before its first subscription nobody keeps what is said."""
    await intake.wait_connected()
    await run_fleet(fleet, house.clock, house.data, str(mosquitto.address))


async def _keep_running(mosquitto: Mosquitto) -> None:
    """Start the broker again whenever it dies; devices and agent find it at the same address."""
    while True:
        await mosquitto.died()
        while True:
            await asyncio.sleep(_START_AGAIN_S)
            try:
                await mosquitto.start()
            except BrokerError as error:
                log.warning("mosquitto.not_back", why=str(error))
            else:
                break


def _open_agent(
    house: House, worker: Worker, fleet: Fleet, mosquitto: Mosquitto | None, opened: AsyncExitStack
) -> _Agent:
    address = _agent_address(house, mosquitto)
    with house.database.reading() as session:
        told = max(read_cursor(session, FACTS), newest_offset(house.history) - 1)
    journal, snapshots = open_journal(house.data, told)
    opened.callback(journal.close)
    history = open_history(house.history, house.data / "journal", house.settings, lambda: journal.next_offset)
    intake = open_intake(
        journal,
        snapshots,
        fleet,
        worker.take,
        address=address,
        clock=house.clock,
        settings=house.settings,
        taken=lambda: history.written,
    )
    outlet = Session(address, _SENDER)
    return _Agent(intake, outlet, history, Watch(intake, outlet, history, house.data, house.clock))


def _agent_address(house: House, mosquitto: Mosquitto | None) -> Address:
    if mosquitto is not None:
        return mosquitto.agent_address
    if house.settings.broker_url is not None:
        return parse_address(house.settings.broker_url.get_secret_value())
    address = running_agent_address(house.broker_folder)
    if address is None:
        raise NoBrokerError
    return address


def _start_slow_path(house: House, worker: Worker, agent: _Agent, running: _Running) -> None:
    """Decide and send only once all that the journal holds was told: on old evidence a healed device looks sick."""
    smtp = house.settings.smtp_url
    channel = open_channel(None if smtp is None else smtp.get_secret_value(), house.mailbox)
    dispatcher = Dispatcher(house.database, channel, parse_sender(house.settings.mail_from), house.clock, Random())  # noqa: S311 - spreads retries
    counting = open_session(agent.intake.address)
    begun = asyncio.Event()

    async def begin() -> None:
        await agent.intake.caught_up.wait()
        await asyncio.to_thread(worker.begin)
        begun.set()
        await asyncio.Event().wait()

    async def send() -> None:
        await begun.wait()
        await Sender(house.database, agent.outlet, house.clock).run()

    async def look() -> None:
        await begun.wait()
        await wake_up(worker, dispatcher, house.clock, house.settings.tick_s, agent.watch)

    running.start(counting.run(), "watch.session")
    running.start(follow_count(counting, agent.watch.losses, house.clock, house.database), "watch.count")
    running.start(agent.outlet.run(), "sender.session")
    running.start(begin(), "begin")
    running.start(send(), "sender")
    running.start(look(), "due")


def _console_parts(house: House, worker: Worker, fleet: Fleet, agent: _Agent | None) -> ConsoleParts:
    return ConsoleParts(
        database=house.database,
        desk=worker,
        health=fleet,
        playbooks=house.playbooks,
        clock=house.clock,
        secret=read_secret(house.data),
        public_url=house.settings.links_url,
        vitals=lambda: _vitals(agent),
        history=History(Folder(house.history), fleet.recent),
        scorecard=house.data / KEPT_AS,
        complaints=lambda: house.library.complaints,
        versions=house.library.versions,
    )


def _vitals(agent: _Agent | None) -> Vitals:
    if agent is None:
        return Vitals()
    signs = agent.watch.signs()
    return Vitals(problems_of(signs), agent.watch.figures(signs))


def _greet(house: House, parts: Parts, mosquitto: Mosquitto | None) -> None:
    password = first_password(house.database, house.clock.now()) if parts.console else None
    addresses = Addresses(
        console=house.settings.console_url if parts.console else None,
        devices=None if mosquitto is None else str(mosquitto.address),
        data=str(house.data.absolute()),
    )
    welcome(addresses, password, house.settings.clock_speed if parts.demo is not None else None)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the failure that came first; the others are what it brought about."""
    found = failures.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
