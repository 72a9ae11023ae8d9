"""Templates: filled completely, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.asterisk.template import TemplateError, render


def test_a_line_with_a_node_is_repeated_for_each() -> None:
    template = "a\nAGI(@NODE@)\n@LAST@"
    assert render(template, {"LAST": 7}, ["one:1", "two:2"]) == "a\nAGI(one:1)\nAGI(two:2)\n7\n"


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(TemplateError, match="@MISSING@"):
        render("x = @MISSING@", {})


@given(st.text())
def test_a_value_never_becomes_a_line_a_section_or_a_comment(value: str) -> None:
    try:
        text = render("name = @VALUE@", {"VALUE": value})
    except TemplateError:
        return
    assert text.count("\n") == 1
    assert not set(text[:-1]) & set(";[]\r\n")


def test_a_paragraph_is_repeated_for_each_of_several_values() -> None:
    template = "; one for each\n\n[@AGENT@]\nname = @AGENT@\n\n[rest]\n"
    rendered = render(template, {"AGENT": ["a1", "a2"]})
    assert rendered == ("; one for each\n\n[a1]\nname = a1\n\n[a2]\nname = a2\n\n[rest]\n")


def test_where_there_are_several_values_a_paragraph_may_need_more_of_each() -> None:
    template = "[@AGENT@]\npassword = @PASSWORD@\n\n[rest]\nname = @NAME@\n"
    agents = [{"AGENT": "a1", "PASSWORD": "x"}, {"AGENT": "a2", "PASSWORD": "y"}]
    text = render(template, {"AGENT": agents, "NAME": "n"})
    assert text == "[a1]\npassword = x\n\n[a2]\npassword = y\n\n[rest]\nname = n\n"


def test_a_paragraph_for_none_is_left_out_with_all_that_it_asks_for() -> None:
    assert render("a\n\n[@AGENT@]\npassword = @PASSWORD@\n\nb\n", {"AGENT": []}) == "a\n\nb\n"
