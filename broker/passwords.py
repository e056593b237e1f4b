"""Passwords of devices, and the lines of mosquitto's password file (pure, but for ``new_password``'s chance)."""

import base64
import hashlib
import secrets
import string
from typing import Final

_PASSWORD_CHARS: Final = 32
_ALPHABET: Final = string.ascii_letters + string.digits  # nothing a shell or a URL would take for its own
SALT_BYTES: Final = 12

# Mosquitto checks passwords in its only thread, so each connect pays for the iterations. They protect guessable
# passwords; ours are 190 random bits, for which mosquitto's own default is plenty.
_ITERATIONS: Final = 101


def new_password() -> str:
    """Return a fresh password of 32 letters and digits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_PASSWORD_CHARS))


def new_salt() -> bytes:
    """Return a fresh salt of ``SALT_BYTES`` bytes."""
    return secrets.token_bytes(SALT_BYTES)


def hashed(password: str, salt: bytes) -> str:
    """Return what mosquitto 2 keeps of a password: ``$7$iterations$salt$key``, PBKDF2 with SHA-512, in Base64."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=64)
    return f"$7${_ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"
