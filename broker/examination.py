"""Looks at a real broker for ``amends doctor`` (shell): does it answer, is it set as we need it, has it dropped any."""

import asyncio
from pathlib import Path
from typing import Final

from broker.address import Address
from broker.doctor import (
    DROPPED_TOPIC,
    Complaint,
    Limits,
    complaint_about_dropped,
    complaints_about,
    complaints_about_limits,
)
from broker.errors import RefusedError
from broker.sessions import can_log_in, first_message
from broker.welcome import welcome_of

_SYS_PATIENCE_S: Final = 8.0  # our broker tells its figures every five seconds


async def examine(address: Address, config_file: Path | None) -> tuple[Complaint, ...]:
    """Return what is wrong with the broker at ``address``; empty: nothing found.

    ``config_file`` is its ``mosquitto.conf``; ``None``: somebody else's broker, whose settings cannot be read.
    Takes some seconds at most.
    """
    try:
        answers = await can_log_in(address)
    except RefusedError as error:
        return (Complaint(str(error), "give the agent's account in the broker URL"),)
    if not answers:
        return (Complaint(f"the broker at {address} does not answer", "start it, or mend the broker URL"),)
    found: tuple[Complaint, ...] = ()
    if config_file is not None:
        try:
            text = await asyncio.to_thread(config_file.read_text, encoding="utf-8")
            found = complaints_about(text)
        except OSError as error:
            found = (Complaint(f"{config_file} cannot be read: {error.strerror}", "start the broker with `amends up`"),)
    dropped = await dropped_messages(address)
    worse = complaint_about_dropped(0, dropped) if dropped is not None else None
    return (*found, worse) if worse is not None else found


async def dropped_messages(address: Address) -> int | None:
    """Return how many messages the broker has dropped since its start; ``None``: it does not tell."""
    payload = await first_message(address, DROPPED_TOPIC, _SYS_PATIENCE_S)
    return int(payload) if payload is not None and payload.isdigit() else None


async def limits_of(address: Address) -> tuple[Complaint, ...]:
    """Return which limits a broker tells us when we connect are too narrow; empty: none, or it does not answer."""
    try:
        async with asyncio.timeout(_SYS_PATIENCE_S):
            answer = await welcome_of(address)
    except (OSError, TimeoutError, ValueError):
        return ()
    if answer is None:
        return ()
    return complaints_about_limits(
        Limits(
            receive_max=answer.receive_max,
            max_qos=answer.max_qos.value,
            max_packet_bytes=answer.max_packet_size,
            retains=answer.retain_available,
            wildcards=answer.wildcard_subscription_available,
            session_expiry_s=answer.session_expiry_interval,
        )
    )
