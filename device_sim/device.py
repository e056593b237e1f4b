"""One simulated device (state): fed with time and with what it hears, it says what a real one would publish.

No network and no clock: a runner drives it over MQTT, virtual time drives it in process, both by ``step``
and ``hear``. While ``connected`` is false the runner keeps its connection closed and steps on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from broker.codec import decode
from broker.errors import MalformedMessageError
from broker.limits import MAX_SAMPLES
from broker.messages import Birth, Command, Feedback, Level, Notice, Presence, Result, ResultStatus
from device_sim.ailments import Ailments, Happening, Reports, Restarts, SwitchedOff, SwitchedOn
from device_sim.chance import seeded
from device_sim.controller import METRICS, Controller
from device_sim.errands import Errands
from device_sim.orders import Orders, impossible, refusal
from device_sim.people.owner import Owner
from device_sim.products.appliance import Physics, Product, Reading
from device_sim.reactions import Reaction
from device_sim.voice import MODE, Publish, Voice, instant, millis
from device_sim.weather import Site

SAMPLE: Final = timedelta(seconds=60)
"""The time from one sample to the next, and of one step of the physics."""

_SAMPLE_S: Final = SAMPLE.total_seconds()
_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a device from its sisters. ``batch`` is how many samples it gathers to an array (1: none)."""

    device_id: str
    product: Product
    serial: str
    firmware: str
    mqtt5: bool = True
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Home:
    """Where a device stands, and whose it is."""

    owner: Owner
    site: Site


@dataclass(frozen=True, slots=True)
class _Job:
    command: Command
    ends_s: float


class Device:
    """One device. All public methods are told the time; time never runs backwards.

    While ``at_once`` is set it says every sample by itself, whatever its batch.
    """

    def __init__(self, identity: Identity, home: Home, ailments: Ailments, chance: Random, now: datetime) -> None:
        self.identity = identity
        self.product = identity.product
        self.owner = home.owner
        self.ailments = ailments
        self.orders = Orders()
        self.errands = Errands(home.owner, seeded(f"{chance.random()}:errands"))
        self.connected = True
        self.at_once = False
        self._site = home.site
        self._chance = chance
        self._controller = Controller(chance)
        self._physics: Physics = self.product.drawn(chance, home.owner.habits)
        self._voice = Voice(identity.device_id, chance, now)
        self._job: _Job | None = None
        self._back_at_s: float | None = None  # None: it is on, or somebody has switched it off
        self._born_busy = False
        self._pending: list[tuple[int, Reading]] = []

    @property
    def busy(self) -> str:
        """What it is in use for, or at work on; empty: nothing."""
        return self._physics.in_use or (f"at work on {self._job.command.verb}" if self._job else "")

    @property
    def will(self) -> Publish:
        """What the broker shall say when the device vanishes."""
        return self._voice.status(Presence.OFFLINE)

    def greet(self) -> list[Publish]:
        """Return what it says at every connect: its birth, then that it is online."""
        return [self._birth(), self._voice.status(Presence.ONLINE)]

    def settle(self, until: datetime) -> None:
        """Live a day in health up to ``until`` without a word, so that temperatures and levels are those of the hour.

        About 15 ms. Call it before ``history`` or the first ``step``; without it a device starts like one fresh
        from the factory.
        """
        at_s = until.timestamp() - _DAY_S
        while at_s < until.timestamp():
            self._measured(at_s)
            at_s += _SAMPLE_S

    def resume(self, now: datetime) -> None:
        """Go on after a pause in which nobody drove the device: as after a power cut, with a new boot."""
        self._voice.restarted(now)
        self._pending.clear()
        self._job = None
        if self._back_at_s is not None:
            self.connected, self._back_at_s = True, None

    def history(self, begin: datetime, end: datetime, chunk: int = MAX_SAMPLES) -> Iterator[Publish]:
        """Live through ``begin`` to ``end`` and return it as columns of at most ``chunk`` samples.

        What is the matter already stays as it is; nothing new begins. About 20 µs a sample, spent when the next
        message is asked for.
        """
        at_s, end_s = begin.timestamp(), end.timestamp()
        while at_s < end_s:
            stamps: list[int] = []
            readings: list[Reading] = []
            while at_s < end_s and len(readings) < chunk:
                readings.append(self._measured(at_s))
                stamps.append(millis(at_s))
                at_s += _SAMPLE_S
            yield self._voice.columns(stamps, readings)

    def step(self, now: datetime) -> list[Publish]:
        """Live through one sample that ends at ``now`` and return what is published, in order."""
        now_s = now.timestamp()
        said: list[Publish] = []
        for happening in self.ailments.advance(now_s, _SAMPLE_S):
            said += self._undergo(happening, now_s)
        if self._back_at_s is not None and now_s >= self._back_at_s:
            said += self._come_back(now)
        if not self.connected:
            return said
        said += self._finish_job(now_s)
        reading = self._measured(now_s)
        if bool(self.busy) != self._born_busy:
            said.append(self._birth())
        said += self._report(millis(now_s), reading)
        said += self._follow_owner(now_s)
        return said

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Publish]:
        """Take what came down on ``topic`` and return the answer. What breaks the protocol is passed over."""
        if not self.connected:
            return []
        try:
            message = decode(topic, payload)
        except MalformedMessageError:
            return []
        match message:
            case Command():
                return self._obey(message, now)
            case Notice():
                self.errands.take(message, self.ailments.fault, now.timestamp())
                return []
            case _:
                return []

    def repair(self, now: datetime) -> None:
        """Let a technician mend what is the matter, if it can be mended."""
        self.ailments.repair(now.timestamp())

    def _measured(self, at_s: float) -> Reading:
        strain = self.ailments.strain
        if self._job and (job := self.product.jobs.get(self._job.command.verb)):
            strain = {**strain, **job.strains}
        reading = self._physics.step(self._site.minute(at_s), strain)
        reading.update(self._controller.step(strain))
        return reading

    def _report(self, ts_ms: int, reading: Reading) -> list[Publish]:
        if self.at_once or self.identity.batch == 1:
            return [self._voice.sample(ts_ms, reading)]
        self._pending.append((ts_ms, reading))
        return self._flushed() if len(self._pending) >= self.identity.batch else []

    def _flushed(self) -> list[Publish]:
        if not self._pending:
            return []
        stamps, readings = zip(*self._pending, strict=True)
        self._pending.clear()
        return [self._voice.array(stamps, readings)]

    def _birth(self) -> Publish:
        self._born_busy = bool(self.busy)
        return self._voice.birth(
            Birth(
                boot=self._voice.boot,
                product=self.product.name,
                firmware=self.identity.firmware,
                serial=self.identity.serial,
                metrics={**self.product.metrics, **METRICS},
                context=(MODE,),
                commands=self.product.commands,
                busy=self._born_busy,
                config=dict(self._physics.settings),
            )
        )

    def _obey(self, command: Command, now: datetime) -> list[Publish]:
        if command.id in self.orders:
            stored = self.orders.result(command.id)
            return [self._voice.result(stored)] if stored else []
        now_s = now.timestamp()
        refused = refusal(command, millis(now_s), self.product.commands, self.busy)
        if refused:
            return [self._answer(command, ResultStatus.REJECTED, now_s, refused)]
        if self.ailments.reaction_to(command.verb, command.args) is Reaction.SILENT:
            self.orders.remember(command.id, None)
            return []
        said = [self._answer(command, ResultStatus.ACCEPTED, now_s)]
        self.orders.actuations.append(command.id)
        lasts = self.product.jobs.get(command.verb)
        if command.verb == "restart":
            return said + self._go_away(now_s, _Job(command, now_s))
        self._job = _Job(command, now_s + (lasts.lasts.total_seconds() if lasts else 0.0))
        return said if lasts else said + self._finish_job(now_s)

    def _finish_job(self, now_s: float) -> list[Publish]:
        if self._job is None or now_s < self._job.ends_s:
            return []
        command, self._job = self._job.command, None
        reading_names = {**self.product.metrics, **METRICS}
        problem = impossible(command, self.product.settings, reading_names)
        if not problem and self.ailments.take(command.verb, command.args, now_s) is Reaction.FAILS:
            problem = f"{command.verb} did not come to its end"
        if problem:
            return [self._answer(command, ResultStatus.FAILED, now_s, problem)]
        if command.verb == "set_config":
            self._physics.settings.update({name: float(value) for name, value in command.args.items()})
            return [self._answer(command, ResultStatus.SUCCEEDED, now_s), self._birth()]
        return [self._answer(command, ResultStatus.SUCCEEDED, now_s)]

    def _answer(self, command: Command, status: ResultStatus, now_s: float, detail: str = "") -> Publish:
        result = Result(id=command.id, status=status, detail=detail, ts=millis(now_s))
        self.orders.remember(command.id, result)
        return self._voice.result(result)

    def _undergo(self, happening: Happening, now_s: float) -> list[Publish]:
        match happening:
            case Reports(code, over):
                name, text = (code.after, "") if over else (code.code, code.text)
                level = Level.INFO if over else code.level
                return [self._voice.event(name, level, text, millis(now_s))] if self.connected else []
            case SwitchedOff():
                self._job = None
                said = [*self._flushed(), self.will] if self.connected else []
                self.connected, self._back_at_s = False, None
                return said
            case SwitchedOn():
                return self._come_back(instant(now_s))
            case Restarts():
                return self._go_away(now_s, None) if self.connected else []

    def _go_away(self, now_s: float, job: _Job | None) -> list[Publish]:
        said = [*self._flushed(), self.will]
        self._job = job
        self.connected = False
        self._back_at_s = now_s + self._chance.uniform(60.0, 120.0)
        return said

    def _come_back(self, now: datetime) -> list[Publish]:
        self.connected, self._back_at_s = True, None
        self._voice.restarted(now)
        said = self.greet()
        return [*said, self._voice.event("self_test_ok", Level.INFO, "", millis(now.timestamp()))]

    def _follow_owner(self, now_s: float) -> list[Publish]:
        done = self.errands.due(now_s, self.ailments.latest)
        if done.chore:
            self.ailments.put_right(now_s)
        return [
            self._voice.feedback(
                Feedback(
                    ticket=rated.ticket, score=rated.opinion.score, comment=rated.opinion.comment, ts=millis(now_s)
                )
            )
            for rated in done.ratings
        ]
