"""The texts of prompts: `prompts/<language>.yaml`, one plain mapping of id → text a file.

welcome: Welcome to the bank.
main-menu: >-
  For your balance, press one.
  For an agent, press zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ivr.model.errors import OneCallError
from ivr.model.prompt import PROMPT_ID
from ivr.model.say import languages

SAY_PREFIX = "s-"
"""Ids of the say-layer's segments start with this; authors' prompts do not."""

MAX_BYTES = 1_000_000
MAX_TEXT = 2000
MAX_DEPTH = 8
"""Texts are one deep; what is deeper than this is not even looked at."""

# The parser in C is ten times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?")
_BETWEEN_HAN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")


class CatalogueError(OneCallError):
    """The prompts cannot be used. The text names every problem, one a line, as file:line:column."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_texts(folder: Path) -> dict[str, dict[str, str]]:
    """Read every language's texts: language → id → text, in the file's order.

    Raises CatalogueError with every problem of every file.
    """
    if not folder.is_dir():
        raise CatalogueError([f"{folder}: P001 there is no such folder of prompts"])
    problems: list[str] = []
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        texts[path.stem] = {}
        for problem in _read(path, texts[path.stem]):
            problems.append(f"{path}:{problem}")
    if not texts:
        problems.append(f"{folder}: P001 no <language>.yaml file with texts")
    if problems:
        raise CatalogueError(problems)
    return texts


def _read(path: Path, texts: dict[str, str]) -> Iterator[str]:
    """Fill `texts` from a file, and yield its problems as `line:column: code what`."""
    language = path.stem
    if not _LANGUAGE.fullmatch(language):
        yield f"1:1: P002 {language!r} is not a language code such as en or zh"
        return
    if language not in languages():
        known = ", ".join(languages())
        yield f"1:1: P002 the say-layer does not speak {language!r} (it speaks {known})"
        return
    if path.stat().st_size > MAX_BYTES:
        yield f"1:1: P003 larger than {MAX_BYTES} bytes"
        return
    try:
        root = _composed(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        yield f"1:1: P003 not UTF-8 at byte {error.start}"
        return
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        yield f"{_at(mark)}: P003 not YAML: {error.problem or error.context}"
        return
    except yaml.YAMLError as error:
        yield f"1:1: P003 not YAML: {' '.join(str(error).split())}"
        return
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        yield f"{_at(root.start_mark)}: P004 expected a mapping of prompt id to text"
        return
    for key, value in root.value:
        yield from _entry(key, value, texts)


def _composed(text: str) -> yaml.Node | None:
    """Return a document's tree. Raises YAMLError, and for one that is too deep before it is built: in C it
    would end the process, not the reading."""
    depth = 0
    event: Any  # PyYAML's stubs say two things of its marks
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            problem = f"nested deeper than {MAX_DEPTH} levels"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
    root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
    return root


def _entry(key: yaml.Node, value: yaml.Node, texts: dict[str, str]) -> Iterator[str]:
    where = _at(key.start_mark)
    if not isinstance(key, yaml.ScalarNode) or not PROMPT_ID.fullmatch(key.value):
        named = f"{key.value!r}" if isinstance(key, yaml.ScalarNode) else "this key"
        yield f"{where}: P005 {named} is no prompt id: 1 to 64 of a-z, 0-9, - and _"
        return
    name = key.value
    if name.startswith(SAY_PREFIX):
        yield f"{where}: P005 {name!r}: ids that start with {SAY_PREFIX} belong to the say-layer"
    elif name in texts:
        yield f"{where}: P006 {name!r} is here twice; the second would silently win"
    elif not isinstance(value, yaml.ScalarNode):
        yield f"{_at(value.start_mark)}: P007 the text of {name!r} must be one text"
    else:
        texts[name] = text = _normal(value.value)
        for problem in _lint(text):
            yield f"{_at(value.start_mark)}: {problem} ({name})"


def _lint(text: str) -> Iterator[str]:
    if not any(char.isalpha() for char in text):
        yield "P008 no words: a caller would hear silence"
    if len(text) > MAX_TEXT:
        yield f"P009 longer than {MAX_TEXT} characters: nobody listens that long"
    digits = re.search(r"[0-9]+", text)
    if digits:
        yield f"P010 write {digits[0]!r} as words: a voice can only guess how it is read"


def _normal(text: str) -> str:
    """Undo YAML's folding: one space for a run of them, none between Chinese characters."""
    return _BETWEEN_HAN.sub("", " ".join(text.split()))


def _at(mark: yaml.Mark | None) -> str:
    return f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
