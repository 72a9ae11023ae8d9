"""Fill the placeholders of configuration templates.

A template is an ordinary Asterisk file in which `@NAME@` stands for a value. A line that holds
`@NODE@` is repeated once for each engine node, and a paragraph that holds a name with several values
(`@AGENT@`) once for each of them. That is all there is to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lab.errors import LabError

PLACEHOLDER = re.compile(r"@([A-Z][A-Z_]*)@")
UNSAFE = re.compile(r"[;\[\]\x00-\x1f]")
"""Characters that would end a value, or begin a comment or a section."""


def render(template: str, values: Mapping[str, object], nodes: Sequence[str] = ()) -> str:
    """Return `template` with every placeholder replaced; a list is several values.

    `nodes` are the engine's `host:port` addresses. Raises LabError for a placeholder without a
    value and for a value that cannot stand in an Asterisk file.
    """

    def value(match: re.Match[str]) -> str:
        try:
            text = str(values[match[1]])
        except KeyError:
            raise LabError(f"the template asks for @{match[1]}@, which has no value") from None
        if UNSAFE.search(text):
            raise LabError(f"the value of @{match[1]}@ holds a character Asterisk would misread")
        return text

    lines: list[str] = []
    for line in _repeated(template, values).splitlines():
        copies = [line.replace("@NODE@", node) for node in nodes] if "@NODE@" in line else [line]
        lines += [PLACEHOLDER.sub(value, copy) for copy in copies]
    return "\n".join(lines) + "\n"


def _repeated(template: str, values: Mapping[str, object]) -> str:
    """Repeat each paragraph for the values of what it names several of."""
    for name, several in values.items():
        if isinstance(several, list):
            mark = f"@{name}@"
            template = "\n\n".join(
                "\n\n".join(paragraph.replace(mark, str(one)) for one in several)
                if mark in paragraph
                else paragraph
                for paragraph in template.split("\n\n")
            )
    return template


def render_files(
    templates: Iterable[Path], target: Path, values: Mapping[str, object], nodes: Sequence[str] = ()
) -> None:
    """Render these files into the folder `target`, readable by the owner only."""
    target.mkdir(parents=True, exist_ok=True)
    for template in templates:
        text = render(template.read_text("utf-8"), values, nodes)
        path = target / template.name
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_text(text, "utf-8")
