"""Ids of commands and boots: ULIDs, which sort by the time they were made (pure, but for ``new_id``'s chance)."""

import secrets
from datetime import datetime
from random import Random
from typing import Final

from ulid import ULID

_RANDOM_BYTES: Final = 10


def new_id(at: datetime) -> str:
    """Return a fresh ULID of 26 characters for the instant ``at``, which carries a zone; nobody can guess it."""
    return _ulid(at, secrets.token_bytes(_RANDOM_BYTES))


def seeded_id(at: datetime, chance: Random) -> str:
    """Return the ULID that ``chance`` draws for ``at``: the same seed gives the same ids, so use it in simulations."""
    return _ulid(at, chance.randbytes(_RANDOM_BYTES))


def _ulid(at: datetime, entropy: bytes) -> str:
    millis = int(at.timestamp() * 1000)
    return str(ULID.from_bytes(millis.to_bytes(6, "big") + entropy))
