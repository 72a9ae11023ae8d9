"""What expressions do to values: types never mix silently, and no result is large.

Each function raises EvaluationError. Messages name kinds of values, never a value: it may be what a
caller keyed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ivr.model.errors import EvaluationError
from ivr.model.values import Money, Scalar

MAX_TEXT = 4096
"""Characters in a text that an expression makes."""
MAX_NUMBER = 10**18
"""No number or amount (minor units) is larger: it fits in 64 bits everywhere."""


def kind(value: object) -> str:
    """Name the type of a value for a message; the value itself may be a caller's."""
    return _KINDS.get(type(value), "something else")


_KINDS: Mapping[type, str] = {
    type(None): "nothing",
    bool: "a truth",
    int: "a number",
    str: "a text",
    Money: "an amount",
    list: "a list",
}


def plain(name: str, value: object) -> Scalar:
    """Return a value of a subtype (an enum) as its plain value; refuse anything else."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        raise EvaluationError(f"`{name}` is a group: name one of its values, as in {name}.x")
    raise EvaluationError(f"`{name}` cannot be read by an expression")


def truth(value: object, where: str) -> bool:
    if value is True or value is False:
        return value
    raise EvaluationError(f"`{where}` needs a truth, not {kind(value)}")


def equal(left: object, right: object) -> bool:
    if type(left) is type(right):
        return left == right
    if left is None or right is None:
        return False
    raise EvaluationError(f"cannot compare {kind(left)} with {kind(right)}")


def ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def run(left: Any, right: Any) -> bool:
        if type(left) is not type(right) or type(left) not in (int, str, Money):
            raise EvaluationError(f"cannot compare {kind(left)} with {kind(right)}")
        if type(left) is Money and left.currency != right.currency:
            raise EvaluationError("cannot compare amounts of two currencies")
        return compare(left, right)

    return run


def contained(part: Any, whole: Any) -> bool:
    if type(whole) is list:
        return any(equal(part, member) for member in whole)
    if type(part) is str and type(whole) is str:
        return part in whole
    raise EvaluationError(f"cannot look for {kind(part)} in {kind(whole)}")


def bounded(value: Any) -> Any:
    if type(value) is int:
        fits = -MAX_NUMBER <= value <= MAX_NUMBER
    elif type(value) is str:
        fits = len(value) <= MAX_TEXT
    else:
        fits = -MAX_NUMBER <= value.minor <= MAX_NUMBER
    if not fits:
        raise EvaluationError(f"too large {kind(value)}")
    return value


def plus(left: Any, right: Any) -> Scalar:
    if type(left) is type(right) and type(left) in (int, str):
        return bounded(left + right)  # type: ignore[no-any-return]
    return _sum(left, right, "add", 1)


def difference(left: Any, right: Any) -> Scalar:
    if type(left) is int and type(right) is int:
        return bounded(left - right)  # type: ignore[no-any-return]
    return _sum(left, right, "subtract", -1)


def _sum(left: Any, right: Any, verb: str, sign: int) -> Scalar:
    if type(left) is not Money or type(right) is not Money:
        raise EvaluationError(f"cannot {verb} {kind(left)} and {kind(right)}")
    if left.currency != right.currency:
        raise EvaluationError(f"cannot {verb} amounts of two currencies")
    return bounded(Money(left.minor + sign * right.minor, left.currency))  # type: ignore[no-any-return]


def times(left: Any, right: Any) -> Scalar:
    if type(left) is int and type(right) is int:
        return bounded(left * right)  # type: ignore[no-any-return]
    if type(left) is int and type(right) is Money:
        left, right = right, left
    if type(left) is Money and type(right) is int:
        return bounded(Money(left.minor * right, left.currency))  # type: ignore[no-any-return]
    raise EvaluationError(f"cannot multiply {kind(left)} and {kind(right)}")


def minus(value: Any) -> Scalar:
    if type(value) is int:
        return -value
    if type(value) is Money:
        return Money(-value.minor, value.currency)
    raise EvaluationError(f"cannot negate {kind(value)}")


def _text(value: Any, function: str) -> str:
    if type(value) is not str:
        raise EvaluationError(f"`{function}` needs a text, not {kind(value)}")
    return value


def _count(value: Any, function: str) -> int:
    if type(value) is not int or value < 0:
        raise EvaluationError(f"`{function}` needs a number of at least 0, not {kind(value)}")
    return value


def _str(value: Any) -> str:
    if type(value) is bool or type(value) not in (int, str, Money):
        raise EvaluationError(f"`str` cannot make a text of {kind(value)}")
    return str(value)


def _number(value: Any) -> int:
    text = _text(value, "number")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise EvaluationError("`number` needs a text of 1 to 18 digits")
    return int(text)


def _money(value: Any, currency: Any = "CNY") -> Money:
    code = _text(currency, "money")
    if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
        raise EvaluationError("`money` needs a currency of three capital letters")
    text = str(value) if type(value) is int else _text(value, "money")
    if len(text) > 24 or not text.isascii() or not set(text) <= set("-.0123456789"):
        raise EvaluationError("`money` needs an amount like '12.50'")
    try:
        amount = Money.of(text, code)
    except ValueError:
        raise EvaluationError("`money` needs an amount like '12.50'") from None
    bounded(amount)
    return amount


def _digits(value: Any) -> str:
    return "".join(char for char in _text(value, "digits") if char in "0123456789")


def _first(value: Any, count: Any) -> str:
    return _text(value, "first")[: _count(count, "first")]


def _last(value: Any, count: Any) -> str:
    text = _text(value, "last")
    return text[max(len(text) - _count(count, "last"), 0) :]


class Function(msgspec.Struct, frozen=True):
    """A function of expressions: the types of its arguments, of which `optional` last ones may be
    left out, and of its value; `usage` is how it is written."""

    run: Callable[..., Scalar]
    takes: tuple[tuple[str, ...], ...]
    gives: str
    usage: str
    optional: int = 0

    @property
    def counts(self) -> range:
        """How many arguments it may be given."""
        return range(len(self.takes) - self.optional, len(self.takes) + 1)


_TEXT = ("text",)
_NUMBER = ("number",)

FUNCTIONS: Mapping[str, Function] = {
    "len": Function(
        lambda text: len(_text(text, "len")), (_TEXT,), "number", "len(text): how many characters"
    ),
    "str": Function(
        _str, (("number", "text", "money"),), "text", "str(value): a number or an amount as text"
    ),
    "number": Function(_number, (_TEXT,), "number", "number(text): digits as a number"),
    "money": Function(
        _money,
        (("text", "number"), _TEXT),
        "money",
        "money('12.50') or money('12.50', 'USD'): an amount",
        optional=1,
    ),
    "lower": Function(
        lambda text: bounded(_text(text, "lower").lower()), (_TEXT,), "text", "lower(text)"
    ),
    "upper": Function(
        lambda text: bounded(_text(text, "upper").upper()), (_TEXT,), "text", "upper(text)"
    ),
    "digits": Function(_digits, (_TEXT,), "text", "digits(text): its digits only"),
    "first": Function(_first, (_TEXT, _NUMBER), "text", "first(text, n): its first n characters"),
    "last": Function(_last, (_TEXT, _NUMBER), "text", "last(text, n): its last n characters"),
    "contains": Function(
        lambda text, part: _text(part, "contains") in _text(text, "contains"),
        (_TEXT, _TEXT),
        "truth",
        "contains(text, part): whether part is in it",
    ),
    "starts": Function(
        lambda text, part: _text(text, "starts").startswith(_text(part, "starts")),
        (_TEXT, _TEXT),
        "truth",
        "starts(text, part): whether it begins with part",
    ),
}
