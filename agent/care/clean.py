"""Free text that is safe to pass on (pure): no control characters, no bidirectional tricks, bounded.

Markup is left as it is: whoever shows the text escapes it.
"""

import unicodedata

# Bidi embeddings, overrides, isolates and marks can make a text read as another one; zero-width
# characters hide in it. All are format characters (Cf); the joiners are not dropped, because emoji and
# several scripts need them.
_JOINERS = "\u200c\u200d"
_LINE_BREAKS = "\r\n\u2028\u2029\x0b\x0c\x85"


def _is_harmless(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def one_line(text: str, limit: int) -> str:
    """Return the text as one line of at most ``limit`` characters, white space folded, an ellipsis where it was cut."""
    spaced = "".join(" " if c in _LINE_BREAKS or c == "\t" else c for c in text)
    folded = " ".join("".join(c for c in spaced if _is_harmless(c)).split())
    return folded if len(folded) <= limit else folded[: limit - 1].rstrip() + "…"


def paragraphs(text: str, limit: int) -> str:
    """Return the text with its line breaks, at most ``limit`` characters, trimmed at both ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    kept = "".join(c for c in lines if c == "\n" or _is_harmless(c if c != "\t" else " "))
    trimmed = "\n".join(line.rstrip() for line in kept.split("\n")).strip()
    return trimmed[:limit].rstrip()
