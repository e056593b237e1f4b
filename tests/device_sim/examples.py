"""Valid simulated things with one thing changed, for the tests of this folder."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from broker.codec import decode, encode
from broker.messages import Argument, Command, Event, Message, Notice, Result, ResultStatus, Telemetry
from broker.topics import Channel, parse_topic, topic_of
from device_sim.ailments import Ailments, Trouble
from device_sim.chance import seeded
from device_sim.device import SAMPLE, Device, Home, Identity
from device_sim.people.owner import Owner, RatesBy
from device_sim.products.appliance import Habits
from device_sim.products.catalogue import PRODUCTS
from device_sim.reactions import Reaction
from device_sim.voice import Publish
from device_sim.weather import Site

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HABITS = Habits(wakes_h=6.5, sleeps_h=22.5, usage=1.0, thrifty=False)


def owner(
    *, rates_by: RatesBy = RatesBy.LINK, comments: bool = False, patience: int = 5, devices: tuple[str, ...] = ("d-1",)
) -> Owner:
    return Owner(
        id="C-0001",
        name="Anna Ahrend",
        email="customer-0001@example.org",
        lang="de",
        zone="Europe/Berlin",
        offset_h=1.0,
        quiet_from=22,
        quiet_to=7,
        good_hour=18,
        tell_about_fixes=True,
        habits=HABITS,
        rates_by=rates_by,
        comments=comments,
        answers_after_s=180.0,
        chore_after_s=300.0,
        patience=patience,
        devices=devices,
    )


def trouble(  # noqa: PLR0913 - one thing changed, whichever
    fault: str,
    product: str = "frost-200",
    *,
    reaction: Reaction = Reaction.HEALS,
    begins_at: datetime = NOON,
    grows_for: timedelta = timedelta(minutes=20),
    holds_for: timedelta = timedelta(hours=30),
) -> Trouble:
    return Trouble(
        fault=PRODUCTS[product].faults[fault],
        begins_s=begins_at.timestamp(),
        grows_s=grows_for.total_seconds(),
        holds_s=holds_for.total_seconds(),
        reaction=reaction,
    )


def device(
    *troubles: Trouble, product: str = "frost-200", rates_by: RatesBy = RatesBy.LINK, batch: int = 1, seed: str = "1"
) -> Device:
    made = PRODUCTS[product]
    chance = seeded(seed)
    identity = Identity("d-1", made, "FR2-000001", "2.4.1", batch=batch)
    site = Site.drawn(1.0, seeded("site"))
    ailments = Ailments(made.weaknesses, iter(troubles))
    return Device(identity, Home(owner(rates_by=rates_by), site), ailments, chance, NOON)


def command(verb: str, command_id: str = "01A", *, not_after: datetime | None = None, **args: Argument) -> bytes:
    late = not_after or NOON + timedelta(days=1)
    return encode(Command(id=command_id, verb=verb, args=args, not_after=round(late.timestamp() * 1000)))


def notice(ticket: str = "T-1", *, ask_rating: bool = True, title: str = "Fixed") -> bytes:
    late = round((NOON + timedelta(days=1)).timestamp() * 1000)
    return encode(Notice(ticket=ticket, lang="en", title=title, text="", not_after=late, ask_rating=ask_rating))


def orders(given: Device, payload: bytes, now: datetime) -> list[Message]:
    return said(given.hear(topic_of("d-1", Channel.COMMAND), payload, now))


def said(publishes: list[Publish]) -> list[Message]:
    """Return what the publishes say, by the protocol's own decoder."""
    return [decode(publish.topic, publish.payload) for publish in publishes]


def lives(given: Device, begin: datetime, minutes: int) -> Iterator[tuple[datetime, list[Message]]]:
    """Step the device through these minutes and yield each instant with what was said."""
    for minute in range(minutes):
        now = begin + minute * SAMPLE
        yield now, said(given.step(now))


def channels(publishes: list[Publish]) -> list[Channel]:
    return [parse_topic(publish.topic).channel for publish in publishes]


def results(messages: list[Message]) -> list[tuple[str, ResultStatus]]:
    return [(message.id, message.status) for message in messages if isinstance(message, Result)]


def codes(messages: list[Message]) -> list[str]:
    return [message.code for message in messages if isinstance(message, Event)]


def readings(messages: list[Message]) -> list[dict[str, float]]:
    """Return the numbers of every sample said."""
    return [
        dict(zip(message.metrics, row, strict=True))
        for message in messages
        if isinstance(message, Telemetry)
        for row in message.values.tolist()
    ]
