"""Values to HTML (shell: reads the templates): everything is escaped, always, whoever wrote it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
STATIC = HERE / "static"


def _asset_versions() -> Mapping[str, str]:
    """Return the start of each static file's checksum: a changed file gets a new address, so caches never lie."""
    return {
        path.relative_to(STATIC).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }


def make_environment() -> Environment:
    """Return the template environment. An unknown name in a template is an error, not an empty place."""
    versions = _asset_versions()
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = lambda name: f"/static/{name}?v={versions[name]}"
    return environment


ENVIRONMENT = make_environment()


def page(
    template: str, values: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """Return a page: the template with the values in their places."""
    return HTMLResponse(ENVIRONMENT.get_template(template).render(values), status, headers)
