from html.parser import HTMLParser

from rich.console import Console

from agent.scorecard.figures import Cases, Figures, LeadTime, Run, Scorecard
from agent.scorecard.page import page
from agent.scorecard.table import table

NOTHING = Figures(
    healed_before_noticed=None,
    booked_before_failure=None,
    lead_time_hours=None,
    false_actions_per_device_month=0,
    needless_visits_per_device_month=0,
    harmful=0,
    repeated_commands=0,
    tickets_touched_by_people=0,
    messages_per_owner=0,
    rating_mean=None,
    speedup=9,
    cases=Cases(0, 0, 0, 0, 0, 0, 0, 0),
)
SOMETHING = Figures(
    healed_before_noticed=0.9,
    booked_before_failure=0.5,
    lead_time_hours=LeadTime(1, 20, 90),
    false_actions_per_device_month=0.01,
    needless_visits_per_device_month=0.02,
    harmful=1,
    repeated_commands=0,
    tickets_touched_by_people=4,
    messages_per_owner=1.5,
    rating_mean=4.6,
    speedup=2345,
    cases=Cases(10, 8, 1, 2, 12, 3, 15, 6),
)
CARD = Scorecard(Run("<mixed>", 40, 14, 1, 10, "promoted"), SOMETHING, NOTHING, NOTHING)


class _Checked(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "rect"}:
            self.open.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self.open.pop() == tag


def test_the_page_is_whole_loads_nothing_and_escapes_what_it_was_given() -> None:
    written = page(CARD)

    checked = _Checked()
    checked.feed(written)
    assert checked.open == []
    assert checked.addresses == []
    assert "&lt;mixed&gt;" in written


def test_the_table_shows_every_contender_and_a_dash_where_nothing_was_judged() -> None:
    console = Console(width=120)

    with console.capture() as captured:
        console.print(table(CARD))

    assert "90.0 %" in captured.get()
    assert "–" in captured.get()
    assert "fixed thresholds" in captured.get()
