"""The page of an error code: what is wrong, and how it is written right."""

from __future__ import annotations

from importlib import resources

from rich.console import Console
from rich.markdown import Markdown

from ivr.model.codes import Code
from ivr.model.errors import OneCallError
from ivr.model.hints import closest


class UnknownCode(OneCallError):
    """There is no such error code."""


def page(code: Code) -> str:
    """Return a code's page, in Markdown: docs/errors/ is a part of the package as `ivr/pages`."""
    return (resources.files("ivr") / "pages" / f"{code}.md").read_text("utf-8")


def explain(name: str) -> None:
    """Print a code's page. Raises UnknownCode."""
    try:
        text = page(Code(name.upper()))
    except ValueError:
        hint = closest(name.upper(), Code)
        raise UnknownCode(f"there is no code {name}; {hint}") from None
    console = Console()
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        console.file.write(text)
