"""Which way the desk and the acting side know each other."""

import ast
from pathlib import Path

import agent.act

VALUES = {"agent.desk.device", "agent.desk.lifecycle", "agent.desk.ticket", "agent.desk.turn"}


def test_the_desk_orders_and_the_acting_side_knows_no_more_of_it_than_its_values() -> None:
    room = Path(agent.act.__path__[0])
    known = {
        node.module
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("agent.desk")
    }

    assert known <= VALUES
