"""Dictated orders and payments: the form, what of it reaches a page, and leaving the caller alone."""

from __future__ import annotations

from ivr.centre.agents import Act
from ivr.desk.drafts import Draft
from ivr.desk.progress import Progress, progress
from ivr.ports.agents import AgentState
from ivr.ports.dictation import Choice, DictationForm, FormField
from tests.desk.kit import ACCOUNT, caller, running, words_of
from tests.desk.test_desk import at_work

PROGRESS = [
    ("talking", ""),
    ("errand", ""),
    ("errand", "pin •••"),
    ("talking", "posted 40316182"),
    ("talking", "change amount"),
]


async def test_an_order_is_dictated_and_handed_off_and_no_page_holds_an_account() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        answer = await browser.post("/order", order="transfer")
        assert "1. account ending 1001" in words_of(answer)
        assert "disabled" in answer.text
        filled = {"slot__source": "1", "slot__payee": "2", "slot__amount": "12.50"}
        answer = await browser.post("/order", order="transfer", **filled)
        assert 'name="slot-target"' in answer.text
        answer = await browser.post("/order", order="transfer", slot__target=ACCOUNT)
        assert 'placeholder="•••1001"' in answer.text
        assert "disabled" not in answer.text
        answer = await browser.post("/order/authorise")
        assert "alone with the machine" in words_of(answer)
        assert '<div id="work" hx-swap-oob="true"></div>' in answer.text
        (errand,) = desk.hall.errands
        assert (errand.kind, errand.name) == ("order", "transfer")
        assert errand.form == {
            "source": ACCOUNT,
            "payee": "new",
            "target": ACCOUNT,
            "amount": "12.50",
        }
        assert desk.hall.view("1001").state is AgentState.RESERVED
        assert desk.people.noted()[-2:] == ["desk.dictate", "desk.errand.order"]


async def test_a_slot_that_is_asked_for_no_more_is_forgotten() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.post("/order", order="transfer")
        filled = {"slot__source": "1", "slot__payee": "2", "slot__amount": "12.50"}
        await browser.post("/order", order="transfer", **filled)
        await browser.post("/order", order="transfer", slot__target="6222021002")
        await browser.post("/order", order="transfer", slot__payee="1")
        await browser.post("/order/authorise")
        (errand,) = desk.hall.errands
        assert "target" not in errand.form


async def test_what_is_not_complete_is_not_handed_off() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.post("/order", order="transfer", slot__amount="lots")
        answer = await browser.post("/order/authorise")
        assert "This is not possible" in words_of(answer)
        assert desk.hall.errands == []


async def test_a_draft_belongs_to_its_call() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.post("/order", order="transfer", slot__amount="12.50")
        desk.hall.act("1001", Act.ENDED)
        desk.hall.act("1001", Act.READY)
        desk.hall.call(caller(call_id="call-2"))
        await desk.seen()
        assert (await browser.post("/order/again")).status_code == 409


async def test_an_order_that_is_to_be_changed_is_still_there_and_one_that_is_done_is_not() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        filled = {"slot__source": "1", "slot__payee": "1", "slot__amount": "12.50"}
        await browser.post("/order", order="transfer")
        for progress, kept in (("change amount", True), ("posted 40316182", False)):
            await browser.post("/order", order="transfer", **filled)
            await browser.post("/order/authorise")
            desk.hall.act("1001", Act.JOINED)
            desk.hall.change("call-1", progress=progress)
            answer = await browser.post("/order", order="transfer")
            assert ('value="12.50"' in answer.text) is kept
        assert len(desk.hall.errands) == 2
        await browser.post("/order", order="transfer", slot__amount="3.00")
        answer = await browser.post("/order", order="transfer", slot__source="1")
        assert 'value="3.00"' in answer.text


async def test_progress_tells_what_is_keyed_by_a_count_and_how_it_ended() -> None:
    told = [progress(caller(state=state, progress=text), "en") for state, text in PROGRESS]
    assert told == [
        None,
        Progress("Listening"),
        Progress("PIN", 3),
        Progress("Done", order="40316182"),
        Progress("The caller wants a change amount"),
    ]


async def test_a_payment_names_an_order_and_never_a_card() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        assert (await browser.post("/payment", number="4111 1111 1111 1111")).status_code == 422
        await browser.post("/payment", number="880012")
        (errand,) = desk.hall.errands
        assert (errand.kind, errand.name, errand.form) == ("payment", "880012", {})
        page = (await browser.get("/")).text
        assert 'autocomplete="cc-' not in page


async def test_the_caller_is_asked_to_show_who_they_are() -> None:
    async with running() as desk:
        browser = await at_work(desk)
        await browser.post("/identity")
        assert [one.kind for one in desk.hall.errands] == ["identity"]


async def test_without_a_caller_there_is_nothing_to_dictate() -> None:
    async with running() as desk:
        browser = await at_work(desk, talking=False)
        for path in ("/order", "/payment", "/identity", "/order/authorise"):
            answer = await browser.post(path, order="transfer", number="880012")
            assert answer.status_code == 409
            assert "no caller" in words_of(answer)


def test_a_choice_that_was_not_offered_is_none() -> None:
    draft = Draft("call-1", "transfer")
    offered = (Choice(ACCOUNT, "one"),)
    draft.shown(
        DictationForm("transfer", "", (FormField("source", "choose", "", "", offered),), False)
    )
    for text in ("0", "2", "-1", ACCOUNT, "x", "１"):
        draft.take({"source": text})
        assert draft.written["source"] == ""
    draft.take({"source": "1"})
    assert draft.written["source"] == ACCOUNT
