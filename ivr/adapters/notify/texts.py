"""The texts of messages: `<language>.yaml`, with the values of a notice put in.

`{name}` is a value of the notice, `{name:word}` the word for it in that language (itself, if there is none),
`{name:secret}` a secret. What stands in brackets is left out when a value in it is empty or 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable

import msgspec
import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ivr.model.errors import PortError
from ivr.model.secret import MASK
from ivr.model.values import Money, Scalar
from ivr.ports.notify import Notice

PORT = "notify"

_PIECE = re.compile(r"\[([^\[\]]*)\]")
_VALUE = re.compile(r"\{([a-z_]+)(?::(word|secret))?\}")


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: dict[str, str]
    words: dict[str, dict[str, str]] = {}


class Rendered(msgspec.Struct, frozen=True):
    """A message as it is sent; `kept` is what may be kept of it."""

    sent: str
    kept: str


class Texts:
    """The texts of every language."""

    def __init__(self, written: Mapping[str, _Written]) -> None:
        self._written = written

    @classmethod
    def read(cls, folder: Traversable) -> Texts:
        """Read the files of a folder. Raises PortError: which file, what is wrong with it."""
        files = [file for file in folder.iterdir() if file.name.endswith(".yaml")]
        if not files:
            raise PortError(PORT, f"{folder}: there is no <language>.yaml with texts of messages")
        return cls({file.name.removesuffix(".yaml"): _read(file) for file in files})

    def word(self, of: str, name: str, language: str) -> str:
        """Return the word for something, such as an order type; itself, if there is none."""
        written = self._written.get(language)
        return written.words.get(of, {}).get(name, name) if written is not None else name

    def render(self, notice: Notice) -> Rendered:
        """Put a notice's values into its text. Raises PortError."""
        written = self._written.get(notice.language)
        if written is None:
            raise PortError(PORT, f"there are no texts in the language {notice.language!r}")
        text = written.texts.get(notice.template)
        if text is None:
            raise PortError(PORT, f"there is no text {notice.template!r} in {notice.language}")
        text = _PIECE.sub(lambda piece: piece[1] if _told(piece[1], notice.values) else "", text)

        def value(secret: str | None, found: re.Match[str]) -> str:
            name, kind = found[1], found[2]
            if notice.values.get(name) is None:
                raise PortError(PORT, f"the text {notice.template!r} needs a value {name!r}")
            said = _plain(notice.values[name], notice.language)
            if kind == "word":
                return written.words.get(name, {}).get(said, said)
            return secret if kind == "secret" and secret else said

        return Rendered(
            _VALUE.sub(lambda found: value(None, found), text),
            _VALUE.sub(lambda found: value(MASK, found), text),
        )


def _told(piece: str, values: Mapping[str, Scalar]) -> bool:
    """Whether a text in brackets has all its values."""
    return all(_something(values.get(found[1])) for found in _VALUE.finditer(piece))


def _something(value: Scalar) -> bool:
    return bool(value.minor if isinstance(value, Money) else value)


def _plain(value: Scalar, language: str) -> str:
    if not isinstance(value, Money):
        return str(value)
    major, rest = divmod(abs(value.minor), 100)
    amount = f"{'-' if value.minor < 0 else ''}{major:,}.{rest:02d}"
    if language == "zh":
        return f"{amount}元" if value.currency == "CNY" else f"{amount} {value.currency}"
    return f"{value.currency} {amount}"


def _read(file: Traversable) -> _Written:
    try:
        written = _Written.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except OSError as error:
        raise PortError(PORT, f"{file}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise PortError(PORT, f"{file}: not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PortError(PORT, f"{file}: {where}: {first['msg']}") from None
    for problem in _problems(written):
        raise PortError(PORT, f"{file}: {problem}")
    return written


def _problems(written: _Written) -> Iterator[str]:
    for name, text in written.texts.items():
        left = _VALUE.sub("", _PIECE.sub(r"\1", text))
        if set("{}[]") & set(left):
            yield f"{name}: braces are for {{values}}, brackets for what may be left out, not nested"
