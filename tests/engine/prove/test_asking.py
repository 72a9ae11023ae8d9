"""What expressions ask of what they read: which values a proof need not tell apart."""

from __future__ import annotations

import pytest

from ivr.engine.prove.asking import is_truth, names_in, parts, relations
from ivr.engine.prove.vocabulary import Vocabulary
from ivr.model.expressions.reading import tree
from tests.engine.prove.kit import SOUND, changed


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("segment == 'vip'", {"equal"}),
        ("segment in ('vip', 'gold')", {"equal"}),
        ("'fund' in products", {"holds"}),
        ("word in 'fund bond'", {"stands_in"}),
        ("contains(products, 'fund')", {"holds"}),
        ("contains('fund bond', word)", {"stands_in"}),
        ("starts(number, '86')", {"starts"}),
        ("starts('8613', number)", {"begins"}),
        ("known(segment)", set()),
    ],
)
def test_how_texts_are_compared(source: str, asked: set[str]) -> None:
    assert {one.__name__ for one in relations(tree(f"{{{{ {source} }}}}"))} == asked


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        ("a == 'x' and not b", [(["a"], True), (["b"], False)]),
        ("c if a > 1 else 'x'", [(["a"], True), (["c"], False), ([], False)]),
        ("a + b", [(["a", "b"], False)]),
    ],
)
def test_an_expression_asks_each_part_by_itself(
    source: str, whole: list[tuple[list[str], bool]]
) -> None:
    found = [(sorted(names_in(one)), is_truth(one)) for one in parts(tree(f"{{{{ {source} }}}}"))]
    assert found == whole


def vocabulary(condition: str) -> Vocabulary:
    """Return that of a flow with a condition in it."""
    branch = f'{{branch: {{cases: [{{when: "{{{{ {condition} }}}}", then: menu}}]}}, next: menu}}'
    return Vocabulary(changed(("{say: hello, next: menu}", branch), text=SOUND))


def kinds(words: Vocabulary, name: str, *values: str) -> int:
    """How many of the values a proof tells apart."""
    return len({words.value(name, one) for one in values})


def test_values_are_told_apart_by_what_is_asked_of_them() -> None:
    some = ("", "fund", "funds", "card fund", "card")
    assert kinds(vocabulary("'fund' in customer.products"), "customer.products", *some) == 2
    assert kinds(vocabulary("customer.products == 'fund'"), "customer.products", *some) == 2
    both = "'fund' in customer.products or customer.products == 'fund'"
    assert kinds(vocabulary(both), "customer.products", *some) == 3


def test_names_that_stand_in_one_condition_have_words_of_their_own() -> None:
    words = vocabulary("customer.segment == 'vip' and tier == 'gold'")
    assert kinds(words, "customer.segment", "vip", "gold", "plain") == 2
    assert kinds(words, "tier", "vip", "gold", "plain") == 2


def test_names_that_are_compared_with_each_other_are_kept_as_they_are() -> None:
    words = vocabulary("customer.segment == tier")
    assert kinds(words, "tier", "vip", "gold", "plain") == 3


def test_what_is_handed_on_is_asked_what_its_new_name_is_asked() -> None:
    steps = (
        "{set: {tier: \"{{ customer.segment if known(customer.name) else 'none' }}\"}, next: told}\n"
        "  told: {branch: {cases: [{when: \"{{ tier == 'gold' }}\", then: menu}]}, next: menu}"
    )
    words = Vocabulary(changed(("{say: hello, next: menu}", steps), text=SOUND))
    assert kinds(words, "customer.segment", "vip", "gold", "none") == 2 + 1
    assert kinds(words, "customer.name", "vip", "gold", "none") == 1
