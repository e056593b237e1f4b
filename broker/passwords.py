"""Passwords of devices, and the lines of mosquitto's password file (pure, but for ``new_password``'s chance)."""

import base64
import hashlib
import secrets
from typing import Final

_PASSWORD_BYTES: Final = 24
SALT_BYTES: Final = 12

# Mosquitto checks passwords in its only thread, so each connect pays for the iterations. They protect guessable
# passwords; ours are 192 random bits, for which mosquitto's own default is plenty.
_ITERATIONS: Final = 101


def new_password() -> str:
    """Return a fresh password of 32 characters out of ``A-Z a-z 0-9 _ -``."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def new_salt() -> bytes:
    """Return a fresh salt of ``SALT_BYTES`` bytes."""
    return secrets.token_bytes(SALT_BYTES)


def hashed(password: str, salt: bytes) -> str:
    """Return what mosquitto 2 keeps of a password: ``$7$iterations$salt$key``, PBKDF2 with SHA-512, in Base64."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=64)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
