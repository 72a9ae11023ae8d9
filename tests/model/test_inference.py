"""What can be said of an expression before it has a value: its type, and what must be set."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.model.errors import EvaluationError
from ivr.model.expressions import Expression, ParseError
from ivr.model.operations import FUNCTIONS
from ivr.model.values import Money, Value, type_of
from tests.model.test_expressions import expressions, scopes

NAMES = {
    "name": frozenset({"text"}),
    "count": frozenset({"number"}),
    "amount": frozenset({"money"}),
    "vip": frozenset({"truth"}),
    "either": frozenset({"number", "text"}),
}


def inferred(text: str) -> tuple[str, list[str]]:
    found = Expression("{{ " + text + " }}").infer(NAMES)
    return ", ".join(sorted(found.types)), list(found.mistakes)


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("name", "text"),
        ("1", "number"),
        ("'x'", "text"),
        ("none", "nothing"),
        ("name + 'x'", "text"),
        ("count + 1", "number"),
        ("amount - amount", "money"),
        ("count * amount", "money"),
        ("-amount", "money"),
        ("either + 1", "number"),
        ("either + either", "number, text"),
        ("name if vip else count", "number, text"),
        ("name == 'x' and count > 1", "truth"),
        ("name in ('a', 'b')", "truth"),
        ("count in ()", "truth"),
        ("'a' in name", "truth"),
        ("name == none", "truth"),
        ("known(nobody)", "truth"),
        ("money(name)", "money"),
        ("len(name)", "number"),
        ("nobody + 1", "number"),
        ("nobody == 1 < 2", "truth"),
        ("customer.segment == 'vip'", "truth"),
    ],
)
def test_the_types_of_a_value(text: str, types: str) -> None:
    assert inferred(text) == (types, [])


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("name + 1", "cannot add a text and a number"),
        ("name - name", "cannot subtract a text and a text"),
        ("amount * amount", "cannot multiply an amount and an amount"),
        ("amount == '0'", "cannot compare an amount with a text"),
        ("amount > 100", "cannot compare an amount with a number"),
        ("vip < vip", "cannot compare a truth with a truth"),
        ("1 < count < name", "cannot compare a number with a text"),
        ("count in ('a', 'b')", "cannot compare a number with a text"),
        ("count not in name", "cannot look for a number in a text"),
        ("not name", "`not` needs a truth, not a text"),
        ("vip and count", "`and` needs a truth, not a number"),
        ("1 if name else 2", "`if` needs a truth, not a text"),
        ("-name", "cannot negate a text"),
        ("len(count)", "`len` needs a text, not a number"),
        ("first(name, name)", "`first` needs a number, not a text"),
        ("money(amount)", "`money` needs a number or a text, not an amount"),
        ("either and vip", "`and` needs a truth, not a number or a text"),
        ("str(none)", "`str` needs an amount or a number or a text, not nothing"),
        ("len(name + 1)", "cannot add a text and a number"),
    ],
)
def test_what_can_never_be_computed(text: str, mistake: str) -> None:
    assert inferred(text)[1] == [mistake]


def test_a_name_without_any_type_makes_no_mistake() -> None:
    found = Expression("{{ x + 1 }}").infer({"x": frozenset()})
    assert (found.types, found.mistakes) == (frozenset(), ())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_and_give_the_types_they_say(name: str) -> None:
    values = {"text": "'12'", "number": "3", "money": "money('1')"}
    function = FUNCTIONS[name]
    first, *rest = [[values[kind] for kind in kinds] for kinds in function.takes]
    others = ["'USD'" if name == "money" else part[0] for part in rest]
    for given_first in first:
        value = Expression(f"{{{{ {name}({', '.join([given_first, *others])}) }}}}").evaluate({})
        assert type_of(value) == function.gives


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b.c", "a b.c"),
        ("a if known(a) else 'x'", ""),
        ("'x' if not known(a) else a", ""),
        ("a if known(b) else 'x'", "a"),
        ("known(a) and a == 1", ""),
        ("not known(a) or a == 1", ""),
        ("known(a) or a == 1", "a"),
        ("a == 1 and known(a)", "a"),
        ("known(a) and known(b) and a == b", ""),
        ("len(a) if known(a) and a != '' else 0", ""),
        ("known(a.b) and a.b in (c, 1)", "c"),
    ],
)
def test_what_may_be_read_although_it_is_not_set(text: str, names: str) -> None:
    assert sorted(Expression("{{ " + text + " }}").unset(())) == names.split()


def test_what_is_known_is_not_missed() -> None:
    assert Expression("{{ a + b }}").unset({"a"}) == {"b"}


@pytest.mark.parametrize(
    ("text", "value", "names"),
    [
        ("known(a)", True, "a"),
        ("known(a)", False, ""),
        ("known(a)", None, ""),
        ("not known(a)", False, "a"),
        ("a == b", None, "a b"),
        ("known(a) and known(b)", True, "a b"),
        ("known(a) and known(b)", False, ""),
        ("not known(a) or not known(b)", False, "a b"),
        ("known(a) or known(b)", True, ""),
        ("a and b", False, "a"),
        ("1 if a else b", None, "a"),
        ("known(b) if a else known(b)", True, "a b"),
        ("a in (b, c)", None, "a b c"),
        ("len(a) + 1", None, "a"),
    ],
)
def test_what_is_set_once_there_is_a_value(text: str, value: bool | None, names: str) -> None:
    assert sorted(Expression("{{ " + text + " }}").settled(value)) == names.split()


# --- laws ------------------------------------------------------------------------------------


def kinds(scope: Mapping[str, Value]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, value in scope.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{field}": frozenset({type_of(one)}) for field, one in value.items()}
        else:
            found[name] = frozenset({type_of(value)})
    return found


@given(expressions, scopes)
@settings(max_examples=200)
def test_a_value_has_an_inferred_type_and_everything_it_needed_was_set(
    text: str, scope: Mapping[str, Value]
) -> None:
    try:
        expression = Expression("{{ " + text + " }}")
        value = expression.evaluate(scope)
    except (ParseError, EvaluationError):
        return
    names = kinds(scope)
    assert type_of(value) in expression.infer(names).types
    truth = value if isinstance(value, bool) else None
    assert expression.settled(truth) <= names.keys()


values = st.sampled_from(["name", "count", "amount", "vip", "1", "'x'", "true", "none"])
always = st.recursive(  # each part of these is computed, whatever the values are
    values,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "==", "<", "in"]), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(inner, max_size=2)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
        inner.map(lambda part: f"(not {part})"),
        inner.map(lambda part: f"({part} in (1, {part}))"),
    ),
    max_leaves=6,
)


@given(always)
@settings(max_examples=200)
def test_what_is_told_fails(text: str) -> None:
    scope: Mapping[str, Value] = {"name": "x", "count": 2, "amount": Money(5), "vip": True}
    try:
        expression = Expression("{{ " + text + " }}")
    except ParseError:
        return
    if expression.infer(NAMES).mistakes:
        with pytest.raises(EvaluationError):
            expression.evaluate(scope)
