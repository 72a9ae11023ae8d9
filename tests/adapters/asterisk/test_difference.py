"""What an installed configuration lacks or has otherwise: nothing is missed, nothing made up."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.asterisk.difference import HIDDEN, How, differences
from ivr.adapters.asterisk.sections import sections
from tests.adapters.preflight.kit import clean


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A whole configuration, as the lab has it."""
    folder = clean(tmp_path_factory.mktemp("clean"))
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def found(wanted: str, there: str) -> list[tuple[str, str, How]]:
    compared = differences({"x.conf": wanted}, {"x.conf": there})
    return [(one.section, one.key, one.how) for one in compared]


def test_it_does_not_differ_from_itself(rendered: dict[str, str]) -> None:
    assert len(rendered) > 15
    assert differences(rendered, rendered) == ()


def test_no_line_can_be_left_out_unseen(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        lines = text.splitlines()
        for number, line in enumerate(lines):
            if not line.strip() or line.strip().startswith(";"):
                continue
            without = "\n".join((*lines[:number], *lines[number + 1 :]))
            # A section without settings is told of by its name alone.
            assert differences({name: text}, {name: without}), f"{name}: {line}"


def test_comments_and_the_order_of_sections_are_no_difference(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        paragraphs = ["; ours", *text.replace(" = ", "=").split("\n\n[")]
        first, *rest = ["\n".join(paragraphs[:2]), *(f"[{one}" for one in paragraphs[2:])]
        random.Random(name).shuffle(rest)
        if "same =>" not in text and text.count("type = ") < 2:
            assert differences({name: text}, {name: "\n\n".join((first, *rest))}) == (), name


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("[a]\nx=1\ny=2 ; said\n", []),
        ("[a]\ny => 2\nx = 1\n", []),
        (";-- a\n[z] --;\n[a]\nx=1\ny=2\n", []),
        ("[a]\nx=1\n", [("a", "y", How.LACKS)]),
        ("[a]\nx=1\ny=2\nz=3\n", [("a", "z", How.FOREIGN)]),
        ("[a]\nx=1\ny=3\n", [("a", "y", How.OTHER)]),
        ("[a]\nx=1\nx=1\ny=2\n", [("a", "x", How.OTHER)]),
        ("[a]\nx=1\ny=2\n[b]\n", [("b", "", How.FOREIGN)]),
        ("[b]\nx=1\ny=2\n", [("a", "", How.LACKS), ("b", "", How.FOREIGN)]),
        ("#include other.conf\n[a]\nx=1\ny=2\n", [("", "", How.FOREIGN)]),
        ("[a](t)\nx=1\ny=2\n", [("a", "", How.LACKS), ("a(t)", "", How.FOREIGN)]),
    ],
)
def test_what_asterisk_would_take_otherwise(
    there: str, expected: list[tuple[str, str, How]]
) -> None:
    assert found("[a]\nx = 1\ny = 2\n", there) == expected


def test_the_row_of_values_means_something() -> None:
    ours = "[a]\nallow = ulaw\nallow = alaw\n"
    assert found(ours, "[a]\nallow = alaw\nallow = ulaw\n") == [("a", "allow", How.OTHER)]


def test_sections_of_one_name_are_told_apart_by_their_type() -> None:
    both = "[trunk]\ntype = aor\ncontact = sip:x\n\n[trunk]\ntype = endpoint\ncontext = hotline\n"
    assert [one.name for one in sections(both)] == ["trunk (type aor)", "trunk (type endpoint)"]
    assert found(both, both.replace("hotline", "default")) == [
        ("trunk (type endpoint)", "context", How.OTHER)
    ]


def test_an_extension_is_compared_as_a_whole() -> None:
    plan = "[h]\nexten => 95500,1,NoOp()\n same => n,Set(A=1)\nexten => 95501,1,NoOp()\n"
    spoilt = plan.replace(" same => n,Set(A=1)\n", "")
    assert found(plan, spoilt) == [("h", "exten 95500", How.OTHER)]
    assert found(plan, plan.replace(" same => n", "exten => 95500,n")) == []


def test_a_password_is_compared_and_never_told() -> None:
    (one,) = differences({"m.conf": "[e]\nsecret = abc\n"}, {"m.conf": "[e]\nsecret = xyz\n"})
    assert (one.how, one.wanted, one.there) == (How.OTHER, (HIDDEN,), (HIDDEN,))
    assert "abc" not in repr(one)


def test_a_file_that_is_not_there() -> None:
    (one,) = differences({"a.conf": "[a]\n"}, {"b.conf": "[b]\n"})
    assert (one.file, one.section, one.how) == ("a.conf", "", How.LACKS)


@given(st.text())
def test_any_file_is_taken_for_something(text: str) -> None:
    assert found(text, text) == []


def test_the_templates_are_in_the_package() -> None:
    import ivr.adapters.asterisk as package

    there = {file.name for file in (Path(package.__file__).parent / "templates").iterdir()}
    assert there == {"asterisk-conf", "dialplans", "kamailio-conf"}
