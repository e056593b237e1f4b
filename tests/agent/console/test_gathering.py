"""One ticket about many devices, as staff see it and let it go."""

import re
from dataclasses import replace

from agent.console.parts import ConsoleParts
from agent.decide.same_cause import Scope
from agent.desk.ticket import TicketState
from agent.store.freezes import Freeze, add_freeze, open_gathering
from agent.store.tables import TicketRow
from agent.store.tickets import find_ticket, save_ticket
from tests.agent.console.sample_cases import NOW
from tests.agent.console.visitor import Visitor

CHILDREN = (1002, 1003)


def gather(parts: ConsoleParts) -> int:
    """Hold back two tickets of the sample, and return the number of the one that does."""
    with parts.database.transaction() as session:
        first = find_ticket(session, CHILDREN[0])
        gathering = open_gathering(session, first, NOW)
        add_freeze(session, Freeze(gathering.id, first.fault or "", Scope.PRODUCT, first.product, first.product, NOW))
        for number in CHILDREN:
            child = session.get_one(TicketRow, number)
            child.parent_id = gathering.id
            session.add(child)
    return gathering.id


async def test_its_page_lists_what_it_holds_back_and_each_of_those_points_to_it(
    mira: Visitor, parts: ConsoleParts
) -> None:
    parent = gather(parts)

    await mira.get(f"/tickets/T-{parent}")
    assert "2 devices, held back" in mira.text()
    assert all(f"T-{number}" in mira.text() for number in CHILDREN)
    assert "Close the ticket" not in mira.text()

    await mira.get("/tickets/T-1002")
    assert f"one of many: T-{parent}" in mira.text()


async def test_its_page_says_nothing_that_is_true_of_one_device_alone(mira: Visitor, parts: ConsoleParts) -> None:
    parent = gather(parts)

    page = await mira.get(f"/tickets/T-{parent}")

    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page.text)
    assert not {"Device", "Owner", "What gave it away"} & set(headings)
    assert "/devices/bean-0002" not in page.text
    assert "No metric stood out" not in mira.text()


async def test_it_stands_in_the_queue_as_one_about_many(mira: Visitor, parts: ConsoleParts) -> None:
    parent = gather(parts)

    await mira.get("/?state=needs")

    line = mira.text().split(f"T-{parent}")[0].rsplit("Lost", 1)[1]
    assert "temperature setting on many devices" in line
    assert "bean-0002" not in line
    assert "%" not in line


async def test_a_person_lets_them_go_on(mira: Visitor, parts: ConsoleParts) -> None:
    parent = gather(parts)
    await mira.get(f"/tickets/T-{parent}")

    await mira.send(f"/tickets/T-{parent}/thaw", why="It was the power cut in town.")

    assert "They go on, each under the other guards." in mira.text()
    assert "They have gone on" in mira.text()
    with parts.database.reading() as session:
        assert find_ticket(session, parent).state is TicketState.CLOSED


async def test_nothing_is_let_go_without_a_reason(mira: Visitor, parts: ConsoleParts) -> None:
    parent = gather(parts)
    await mira.get(f"/tickets/T-{parent}")

    await mira.send(f"/tickets/T-{parent}/thaw", why=" ")

    assert "needs a reason" in mira.text()
    with parts.database.reading() as session:
        assert find_ticket(session, parent).state is TicketState.WITH_PERSON


async def test_nobody_lets_go_more_devices_than_they_have_seen(mira: Visitor, parts: ConsoleParts) -> None:
    parent = gather(parts)
    await mira.get(f"/tickets/T-{parent}")
    with parts.database.transaction() as session:
        save_ticket(session, replace(find_ticket(session, 1004), parent_id=parent))

    await mira.send(f"/tickets/T-{parent}/thaw", why="It was the power cut in town.")

    assert "These are not the devices you saw any more." in mira.text()
    with parts.database.reading() as session:
        assert find_ticket(session, parent).state is TicketState.WITH_PERSON
