"""Strangers' words made safe to keep (pure). Showing them still needs escaping."""

from typing import Final

from broker.errors import MalformedMessageError, Reason

_KEPT_CONTROLS: Final = "\n\t"
_CONTROLS: Final = [*range(0x20), *range(0x7F, 0xA0)]
# Marks, embeddings, overrides and isolates that turn the reading direction: they can make one text look like another.
_BIDI: Final = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_DROPPED: Final = {code: None for code in [*_CONTROLS, *_BIDI] if chr(code) not in _KEPT_CONTROLS}


def cleaned(text: str) -> str:
    """Return ``text`` without control and bidirectional characters; line breaks and tabs stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_DROPPED)


def refuse_unprintable(**names: str) -> None:
    """Let names pass that a person could read aloud.

    Raises:
        MalformedMessageError: ``bad_field``, naming the first that holds a control, bidirectional or
            otherwise invisible character.
    """
    for field, text in names.items():
        if not text.isprintable():
            raise MalformedMessageError(Reason.BAD_FIELD, f"{field} holds characters that cannot be shown")
