"""pydantic's complaints in plain words, with what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails


def wording(details: ErrorDetails) -> tuple[str, str]:
    """Return what is wrong and what to write instead."""
    if details["input"] is None:
        return "nothing stands here", 'write a value, or leave the key out; quote "#" and "*"'
    word = _WORDINGS.get(details["type"])
    if word is not None:
        return word(details["input"], details.get("ctx", {}))
    return details["msg"].removeprefix("Value error, "), "see docs/errors/IVR206.md"


def _string(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(value, bool):
        return "a truth where a text is wanted", f'write "{str(value).lower()}" in quotes'
    if isinstance(value, int):
        return "a number where a text is wanted", f'write "{value}" in quotes'
    return f"{kind(value)} where a text is wanted", "write one text"


def _pattern(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    shown = visible(str(value)[:64])
    if "{{" in shown:
        return "an expression cannot stand here", "write the name itself"
    if any(quote in shown for quote in "“”‘’"):
        return f"`{shown}` has curly quotes", 'write plain quotes: "'
    pattern = ctx.get("pattern", "")
    return f"`{shown}` cannot be used here", _PATTERNS.get(pattern, f"what matches {pattern}")


def visible(text: str) -> str:
    """Return a text with the characters that nobody sees written out."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


_PATTERNS: Mapping[str, str] = {
    "^[a-z0-9_-]{1,64}$": "a prompt's id: a-z, 0-9, _ and -, at most 64; its text is in prompts/",
    "^[a-z0-9][a-z0-9_-]{0,63}$": "a name: a-z, 0-9, _ and -, at most 64",
    "^[A-Za-z][A-Za-z0-9_]{0,63}$": "a variable: letters, digits and _, beginning with a letter",
    r"^\+?[0-9*#]{1,32}$": 'a number as it is dialled: "95500"',
    "^[a-z]{2,3}$": "a language: zh, en",
    "^[a-z][a-z0-9_-]{0,31}$": "one word: a-z, 0-9, _ and -, beginning with a letter, at most 32",
    "^[A-Za-z0-9_-]{1,64}$": "a configured name: letters, digits, _ and -",
}


def _choice(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return f"`{str(value)[:64]}` cannot be used here", f"one of {ctx.get('expected', '')}"


def _wanted(what: str, hint: str) -> Callable[[Any, Mapping[str, Any]], tuple[str, str]]:
    def words(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
        return f"{kind(value)} where {what} is wanted", hint

    return words


def _list(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    hint = f'write ["{value}"]' if isinstance(value, str | int) else "write [a, b]"
    return f"{kind(value)} where a list is wanted", hint


def _limit(name: str, words: str) -> Callable[[Any, Mapping[str, Any]], tuple[str, str]]:
    def limit(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
        return f"`{str(value)[:64]}` is out of range", f"{words} {ctx.get(name)}"

    return limit


def _length(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return "nothing in here", f"write at least {ctx.get('min_length')}"


def _table(value: Any, ctx: Mapping[str, Any]) -> tuple[str, str]:
    return f"{kind(value)} where a mapping is wanted", colon_hint(value)


KEY_VALUE = "write key: value"


def colon_hint(value: Any) -> str:
    """Say what a text that should be a mapping may lack."""
    if isinstance(value, str) and "：" in value:
        return "write a plain colon and a space instead of ："
    if isinstance(value, str) and ":" in value:
        return "put a space after the colon"
    return KEY_VALUE


_WORDINGS: Mapping[str, Callable[[Any, Mapping[str, Any]], tuple[str, str]]] = {
    "string_type": _string,
    "string_pattern_mismatch": _pattern,
    "literal_error": _choice,
    "enum": _choice,
    "int_type": _wanted("a whole number", "write digits only, without quotes"),
    "int_parsing": _wanted("a whole number", "write digits only, without quotes"),
    "float_type": _wanted("a number", "write digits, without quotes"),
    "float_parsing": _wanted("a number", "write digits, without quotes"),
    "path_type": _wanted("a path", "write the path of a file or a folder"),
    "bool_type": _wanted("true or false", "write true or false, without quotes"),
    "bool_parsing": _wanted("true or false", "write true or false, without quotes"),
    "list_type": _list,
    "tuple_type": _list,
    "dict_type": _table,
    "model_type": _table,
    "model_attributes_type": _table,
    "greater_than": _limit("gt", "more than"),
    "less_than": _limit("lt", "less than"),
    "greater_than_equal": _limit("ge", "at least"),
    "less_than_equal": _limit("le", "at most"),
    "too_short": _length,
    "string_too_short": _length,
}


def wanted(value: Any, branches: Sequence[str]) -> tuple[str, str]:
    """Say what may stand where `value` fits no branch of a union, named as pydantic names them."""
    words = dict.fromkeys(_branch(name) for name in branches)
    return f"{kind(value)} cannot stand here", f"write {' or '.join(words)}"


def _branch(name: str) -> str:
    return next((words for start, words in _BRANCHES if name.startswith(start)), "key: value")


_BRANCHES = (
    ("function-plain", "an expression"),
    ("bool", "true or false"),
    ("int", "a whole number"),
    ("str", "a text"),
    ("constrained-str", "a text"),
    ("list", "a list"),
    ("tuple", "a list"),
)


def kind(value: Any) -> str:
    for kind, word in _KINDS:
        if isinstance(value, kind):
            return word
    return "this"


_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "nothing"),
    (bool, "a truth"),
    (int, "a number"),
    (str, "a text"),
    (dict, "a mapping"),
    (list, "a list"),
)
