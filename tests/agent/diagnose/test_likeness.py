"""Which names must hold before anything is done about them."""

import pytest

from agent.diagnose.likeness import begins_like_a_visit
from agent.diagnose.playbook_file import default_dir, read_playbooks

PLAYBOOKS = read_playbooks(default_dir())


@pytest.mark.parametrize(
    ("product", "fault", "holds"),
    [
        ("volt-12", "cells_unbalanced", True),  # a dying cell begins as uneven cells
        ("volt-12", "dying_cell", False),  # somebody comes and sees
        ("volt-12", "memory_leak", False),
        ("frost-200", "evaporator_iced", True),  # slows the fan, as worn bearings do
        ("frost-200", "door_left_open", False),
    ],
)
def test_a_name_holds_where_a_fault_somebody_must_come_for_begins_alike(product: str, fault: str, holds: bool) -> None:  # noqa: FBT001 - a column of the table
    playbook = PLAYBOOKS[product]

    assert begins_like_a_visit(playbook.fault(fault), playbook) is holds
