"""What stands around every staff page (shell): who is signed in, the kill switch, what waits, the demo's clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from agent.clock import ScaledClock
from agent.console.gate import MAY_CHANGE, Known, Parts, seal_of
from agent.console.instants import Moment, zone_named
from agent.console.parts import ConsoleParts
from agent.console.queue_page import HEALED_WITHIN
from agent.console.reader import Reader
from agent.console.sessions import Session as StaffSession
from agent.console.templating import page
from agent.store.halts import Halt
from agent.store.oversight import count_halts, standing_halt
from agent.store.queue import Counts, counts
from agent.store.ticket_file import newest_story_id

NOTE_COOKIE = "amends_said"


@dataclass(frozen=True, slots=True)
class DemoClock:
    """A scaled clock as the browser continues it: both origins in Unix milliseconds."""

    origin_ms: int
    wall_ms: int
    speed: float
    speed_words: str
    text: str


@dataclass(frozen=True, slots=True)
class Chrome:
    """What stands around a page.

    ``halt`` is the one in force; ``demo`` is ``None`` on the machine's own clock; ``newest`` is the last entry of any
    story that the page can know of, ``halts`` how often the switch was thrown by then: from there its stream goes on.
    """

    name: str
    may_change: bool
    form: str
    here: str
    waiting: int
    newest: int
    halts: int
    halt: Halt | None
    halt_at: Moment | None
    demo: DemoClock | None
    zone: str
    said: str
    said_bad: bool


@dataclass(frozen=True, slots=True)
class Desktop:
    """One request of somebody known: builds their pages."""

    request: Request
    parts: ConsoleParts
    caller: Known
    now: datetime

    @property
    def reader(self) -> Reader:
        """For whom the page is written; the zone is what their browser said."""
        zone = zone_named(unquote(self.request.cookies.get("zone", "")) or self.parts.zone)
        return Reader(self.parts.playbooks, self.now, zone, self.parts.versions)

    def counts(self, session: Session) -> Counts:
        """Return how many tickets stand where."""
        return counts(session, self.now - HEALED_WITHIN)

    def show(self, session: Session, template: str, here: str = "", **values: Any) -> HTMLResponse:  # noqa: ANN401 - each template has its own values
        """Return a page with everything around it."""
        said, said_bad = seal_of(self.parts).read_note(self.request.cookies.get(NOTE_COOKIE))
        answer = page(template, {"chrome": self._chrome(session, here, said, said_bad=said_bad), **values})
        if said:
            answer.delete_cookie(NOTE_COOKIE)
        return answer

    def _chrome(self, session: Session, here: str, said: str, *, said_bad: bool) -> Chrome:
        reader = self.reader
        halt = standing_halt(session)
        signed = self.caller.session or StaffSession(name="", salt="", key="")
        return Chrome(
            name=self.caller.staff.name,
            may_change=self.caller.staff.role in MAY_CHANGE and self.caller.session is not None,
            form=seal_of(self.parts).form_token(signed),
            here=here,
            waiting=self.counts(session).needs_a_person,
            newest=newest_story_id(session),
            halts=count_halts(session),
            halt=halt,
            halt_at=None if halt is None else reader.moment(halt.at),
            demo=_demo_clock(self.parts, reader),
            zone=reader.zone.key if isinstance(reader.zone, ZoneInfo) else "UTC",
            said=said,
            said_bad=said_bad,
        )


def _demo_clock(parts: ConsoleParts, reader: Reader) -> DemoClock | None:
    if not isinstance(parts.clock, ScaledClock):
        return None
    local = reader.now.astimezone(reader.zone)
    return DemoClock(
        origin_ms=round(parts.clock.origin.timestamp() * 1000),
        wall_ms=round(parts.clock.wall_origin_s * 1000),
        speed=parts.clock.speed,
        speed_words=f"{parts.clock.speed:g}",
        text=f"{local:%a %H:%M}",
    )


def desktop(request: Request, parts: Parts, caller: Known) -> Desktop:
    """Return what builds a page for whoever asks."""
    return Desktop(request, parts, caller, parts.clock.now())


AtDesk = Annotated[Desktop, Depends(desktop)]
