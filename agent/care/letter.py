"""A message on paper (pure): sections of plain sentences, as text and as HTML.

The HTML is one template with autoescape: nothing of what it is given can become markup. It loads nothing from
anywhere, so that opening it tells nobody.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

_WIDTH_RULE = "-" * 3


@dataclass(frozen=True, slots=True)
class Link:
    """Something to press. ``url`` is ours and safe; ``label`` is what it says."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One question a reader has, answered in a few sentences, perhaps with something to press."""

    heading: str
    sentences: tuple[str, ...]
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole message to one person. ``why`` says why they get it; ``calm`` colours it green instead of blue.

    ``data`` leads to what we know about them; ``None``: it does not.
    """

    lang: str
    subject: str
    ticket: str
    title: str
    greeting: str
    sections: tuple[Section, ...]
    why: str
    calm: bool = False
    data: Link | None = None

    def as_text(self, *, with_links: bool = True) -> str:
        """Return the plain text; ``with_links=False`` leaves out what would let the reader act for the owner."""
        parts = [self.greeting]
        for section in self.sections:
            lines = [section.heading.upper(), " ".join(section.sentences)]
            if section.link is not None:
                lines.append(section.link.url if with_links else f"[{section.link.label}]")
            parts.append("\n".join(line for line in lines if line))
        data = (
            ()
            if self.data is None
            else (f"{self.data.label}: {self.data.url}" if with_links else f"[{self.data.label}]",)
        )
        parts.append("\n".join((_WIDTH_RULE, self.why, *data, self.ticket)))
        return "\n\n".join(parts) + "\n"

    def as_html(self) -> str:
        """Return the HTML page, for mail programs and phones, light and dark."""
        return _template().render(letter=self)


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((files("agent.care") / "letter.html.jinja").read_text(encoding="utf-8"))
