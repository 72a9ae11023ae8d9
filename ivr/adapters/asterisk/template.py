"""Fill the placeholders of configuration templates.

A template is an ordinary Asterisk file in which `@NAME@` stands for a value. A line that holds
`@NODE@` is repeated once for each engine node, and a paragraph that holds a name with several values
(`@AGENT@`) once for each of them: where there are none, it is left out. That is all there is to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from ivr.model.errors import OneCallError

PLACEHOLDER = re.compile(r"@([A-Z][A-Z_]*)@")
UNSAFE = re.compile(r"[;\[\]\x00-\x1f]")
"""Characters that would end a value, or begin a comment or a section."""
FOLDERS = "asterisk-conf", "dialplans"


class TemplateError(OneCallError):
    """A template cannot be filled: which placeholder, and why."""


def templates() -> tuple[Path, ...]:
    """Return the files that make up a hotline's Asterisk."""
    root = Path(__file__).parent / "templates"
    return tuple(file for folder in FOLDERS for file in sorted((root / folder).glob("*.conf")))


def proxy_templates() -> Path:
    """Return the folder of the files that make up the SIP proxy of several Asterisks."""
    return (Path(__file__).parent / "templates" / "kamailio-conf").resolve()


def scripts() -> Path:
    """Return the folder of what Asterisk starts itself, without an engine."""
    return (Path(__file__).parent / "templates" / "dialplans").resolve()


def render(template: str, values: Mapping[str, object], nodes: Sequence[str] = ()) -> str:
    """Return `template` with every placeholder replaced; a list is several values.

    One of several values may be a mapping: what stands for other names in the same paragraph. `nodes`
    are the engine's `host:port` addresses. Raises TemplateError for a placeholder without a value and
    for a value that cannot stand in an Asterisk file.
    """
    written: list[str] = []
    for paragraph, meant in _paragraphs(template.split("\n\n"), values):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            lines += [line.replace("@NODE@", one) for one in nodes] if "@NODE@" in line else [line]
        written.append(_filled("\n".join(lines), meant))
    return "\n\n".join(written).rstrip("\n") + "\n"


def _filled(text: str, values: Mapping[str, object]) -> str:
    return PLACEHOLDER.sub(lambda match: _value(match[1], values), text)


def _paragraphs(
    paragraphs: Sequence[str], values: Mapping[str, object]
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield each paragraph with what its placeholders stand for, as often as it is to be written."""
    for paragraph in paragraphs:
        several = next(
            (name for name in PLACEHOLDER.findall(paragraph) if isinstance(values.get(name), list)),
            None,
        )
        if several is None:
            yield paragraph, values
            continue
        for one in cast("list[object]", values[several]):
            own = one if isinstance(one, Mapping) else {several: one}
            yield paragraph, {**values, **own}


def _value(name: str, values: Mapping[str, object]) -> str:
    if name not in values:
        raise TemplateError(f"the template asks for @{name}@, which has no value")
    text = str(values[name])
    if UNSAFE.search(text):
        raise TemplateError(f"the value of @{name}@ holds a character Asterisk would misread")
    return text


def rendered(
    files: Iterable[Path], values: Mapping[str, object], nodes: Sequence[str] = ()
) -> dict[str, str]:
    """Return the text of each of these templates, by file name. Raises TemplateError."""
    return {file.name: render(file.read_text("utf-8"), values, nodes) for file in files}
