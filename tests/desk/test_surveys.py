"""Nobody at a desk has a hand in who is asked for their opinion, nor sees it by doing their work."""

from __future__ import annotations

import ast
from pathlib import Path

import ivr.desk
from ivr.centre.cases.acts import Asked
from ivr.desk.application import application
from ivr.ports.cases import CaseBook
from tests.desk.kit import running, words_of
from tests.desk.test_cases import sitting

CHANGES = {
    "/login", "/logout", "/language",
    "/agent/{act}", "/order", "/order/again", "/order/authorise", "/payment", "/identity",
    "/case", "/case/open", "/callback",
    "/cases/{number}/call", "/cases/{number}/extend", "/cases/{number}/{act}",
    "/wallboard/spy", "/feedback/{act}",
}  # fmt: skip
"""All that can be changed at a desk. Whoever adds to it sees to it that no survey is."""
ASKING = ("ivr.ports.surveys", "ivr.ports.offers", "ivr.app.surveys", "ivr.steps.survey")
"""Where surveys are begun, answered and called off. To read the coverage ledger changes nothing."""


async def test_no_page_starts_skips_or_changes_a_survey() -> None:
    async with running() as desk:
        routes = application(desk.site).routes
        changing = {one.path for one in routes if "POST" in (getattr(one, "methods", None) or ())}  # type: ignore[attr-defined]
    assert changing == CHANGES


def test_nothing_of_the_desk_knows_where_surveys_are_asked() -> None:
    folder = Path(ivr.desk.__file__).parent
    files = list(folder.rglob("*.py"))
    known = {name for file in files for name in _imports(file)}
    assert len(files) > 20
    assert "ivr.ports.cases" in known
    assert not {name for name in known if name.startswith(ASKING)}


def test_the_book_of_cases_leaves_no_choice_in_it() -> None:
    assert not [name for name in vars(CaseBook) if "survey" in name or "ask" in name]


async def test_who_works_on_a_case_does_not_see_whether_its_customer_is_asked() -> None:
    async with running() as desk:
        case = await desk.case()
        for done in (
            await desk.book.answer(case.number, "1001", "paid back"),
            await desk.book.solve(case.number, "1001", "paid back"),
            await desk.book.finish(case.number, "1001"),
            await desk.book.act(case.number, "survey", lambda one: Asked("opted_out")),
        ):
            assert done.refused is None
        for name in ("li.na", "grace.liu"):
            browser = await sitting(desk, name)
            said = words_of(await browser.get(f"/cases/{case.number}"))
            assert "customer told" in said
            assert "opted" not in said


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found
