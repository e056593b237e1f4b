"""A web page as a person sees it (pure): its forms, what can be chosen, and what pressing a button sends."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin

_CHOICES: Final = ("radio", "checkbox")
_PRESSED: Final = ("submit", "image")


@dataclass(frozen=True, slots=True)
class Field:
    """One control. ``kind`` is hidden, text, radio, checkbox, select, textarea or submit."""

    kind: str
    name: str
    value: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a page. ``action`` is absolute."""

    action: str
    method: str
    fields: tuple[Field, ...]

    def offers(self, value: str) -> Field | None:
        """Return the button, radio or option with which a person says ``value``; ``None``: there is none."""
        for kind in ("submit", "radio", "select"):
            for field in self.fields:
                if field.kind == kind and field.name and field.value == value:
                    return field
        return None

    def filled(self, choice: Field | None, text: str = "") -> dict[str, str]:
        """Return what is sent when ``choice`` is taken, ``text`` typed into the text area, and the form submitted."""
        sent = {field.name: field.value for field in self.fields if field.name and _goes_along(field)}
        for field in self.fields:
            if field.kind == "textarea" and field.name:
                sent[field.name] = text or field.value
        if choice is not None:
            sent[choice.name] = choice.value
        if choice is None or choice.kind != "submit":
            buttons = [field for field in self.fields if field.kind == "submit" and field.name]
            sent.update({buttons[0].name: buttons[0].value} if buttons else {})
        return sent


def forms_of(page: str, url: str) -> tuple[Form, ...]:
    """Return the forms of a page at ``url``, in order. Never fails: what is no form is passed over."""
    reader = _Reader(url)
    reader.feed(page)
    reader.close()
    return tuple(reader.forms)


def rating_form(forms: tuple[Form, ...], score: int) -> tuple[Form, Field] | None:
    """Return the form on which all of 1 to 5 can be chosen, and the control for ``score``; ``None``: there is none."""
    for form in forms:
        controls = [form.offers(str(value)) for value in range(1, 6)]
        choice = controls[score - 1]
        if choice is not None and all(controls):
            return form, choice
    return None


def confirming_form(forms: tuple[Form, ...]) -> tuple[Form, Field | None] | None:
    """Return the form that confirms, told by a value, name or address with "confirm" in it; ``None``: there is none."""
    for form in forms:
        for field in form.fields:
            if field.kind == "submit" and "confirm" in f"{field.name} {field.value}".lower():
                return form, field
        if "confirm" in form.action.lower():
            return form, None
    return None


def _goes_along(field: Field) -> bool:
    if field.kind in ("hidden", "text"):
        return True
    return field.chosen and field.kind in ("radio", "checkbox", "select")


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._url = url
        self._form: tuple[str, str] | None = None  # None: outside of any form
        self._fields: list[Field] = []
        self._select = ""
        self._textarea = ""
        self._typed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, value = found.get("name", ""), found.get("value", "")
        match tag:
            case "form":
                self._form = (urljoin(self._url, found.get("action") or self._url), found.get("method", "get").lower())
                self._fields = []
            case "input":
                self._fields.append(_input(found, name, value))
            case "button" if found.get("type", "submit") == "submit":
                self._fields.append(Field("submit", name, value))
            case "select":
                self._select = name
            case "option" if self._select:
                self._fields.append(Field("select", self._select, value, "selected" in found))
            case "textarea":
                self._textarea = name
                self._typed = []
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form" if self._form is not None:
                self.forms.append(Form(*self._form, tuple(self._fields)))
                self._form = None
            case "select":
                self._select = ""
            case "textarea":
                self._fields.append(Field("textarea", self._textarea, "".join(self._typed).strip()))
                self._textarea = ""
            case _:
                pass

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._typed.append(data)


def _input(found: dict[str, str], name: str, value: str) -> Field:
    kind = found.get("type", "text").lower()
    if kind in _CHOICES:
        return Field(kind, name, value or "on", "checked" in found)
    if kind in _PRESSED:
        return Field("submit", name, value)
    return Field("hidden" if kind == "hidden" else "text", name, value)
