"""A complaint by telephone, live: a case with what was said, which the agent it is about cannot have, until
it is solved and the customer hears so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.app.cases.opening import case_book
from ivr.app.config import load_config
from ivr.app.floor.client import floor_client
from ivr.ports.cases import CaseFilter, CaseRefusal, CaseState, Link, LinkKind
from lab.engine import Engine
from lab.installation import REPOSITORY
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone
from tests.live.kit import bank

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

CUSTOMER, ACCOUNT, PIN = "13800001002", "6222021002#", "573916#"
MAIN = """\
flow: main
numbers: ["95500"]
languages: [zh, en]
start: who
steps:
  who:
    identify: {by: ani}
    on: {known: complaints, unknown: complaints, unavailable: complaints}
  complaints:
    subflow: {flow: complaints}
    on: {done: goodbye, back: goodbye, person: agent, owner: agent}
  agent:
    queue: {name: complaints, timeout: 1s}
    on: {served: goodbye, timeout: goodbye, full: goodbye, empty: goodbye, closed: goodbye, overflow: goodbye, callback: goodbye, errand: goodbye}
  goodbye: {say: goodbye, next: end}
  end: {hangup: completed}
"""
NEEDED = ("complaints", "cases", "office", "service", "authenticate", "confirm-call", "queues")
"""What there is of the demo beside that."""


def flows(folder: Path) -> Path:
    """Write the flows of a hotline for complaints alone."""
    copy = folder / "flows"
    copy.mkdir()
    for name in (*NEEDED, "agents"):
        shutil.copy(REPOSITORY / "flows" / f"{name}.yaml", copy)
    (copy / "main.yaml").write_text(MAIN, "utf-8")
    return copy


async def complain(phone: Telephone, words: bytes) -> None:
    """Ring, complain, and hang up once the number is told."""
    call = await phone.call(HOTLINE, ani=CUSTOMER)
    await call.hears("complaints-menu", within=15)
    await call.press("1")
    await call.hears("beep", within=20, whole=True)
    call.speak(words)
    await call.spoken()
    await call.press("#")
    await call.hears("case-answer-by", within=15)
    await call.hang_up()


async def hears_how_far(phone: Telephone, state: str) -> None:
    """Ring again, and hear how far it is."""
    call = await phone.call(HOTLINE, ani=CUSTOMER)
    await call.hears("complaints-menu", within=15)
    await call.press("3")
    await call.hears("enter-account", within=10)
    await call.press(ACCOUNT)
    await call.hears("enter-pin", within=10)
    await call.press(PIN)
    await call.hears("case-kind-complaint", within=15)
    await call.hears("press-1", within=15)
    await call.press("1")
    await call.hears(state, within=10)
    await call.hears("case-then", within=15)
    await call.press("#")
    await call.ended(within=15)


async def test_a_complaint_from_the_telephone_to_its_end(
    lab: Lab, phone: Telephone, tmp_path: Path
) -> None:
    bank(tmp_path)
    words = (lab.sounds / "agent.ulaw").read_bytes() * 4
    async with Engine(lab, tmp_path, {"flows": str(flows(tmp_path))}) as engine:
        config = load_config(tmp_path / f"onecall-{engine.port}.yaml")
        await complain(phone, words)
        opened = await engine.happens("CaseOpened")
        number = opened["event"]["number"]
        async with floor_client(config) as far:
            (case,) = await far.cases.find(CaseFilter())
            assert (case.number, case.kind, case.customer) == (number, "complaint", "C1002")
            assert case.owner == "complaints"
            assert Link(LinkKind.CALL, opened["call"]) in case.links
            (recording,) = [one.id for one in case.links if one.kind is LinkKind.RECORDING]
            assert list((tmp_path / "messages").glob(f"{recording}*"))

            # The agent it is about: neither theirs, nor solved by them.
            assert (await far.cases.accuse(number, "1001", "1008")).refused is None
            given = await far.cases.assign(number, "1001", "1008", "it is theirs")
            assert given.refused is CaseRefusal.ACCUSED
            solved = await far.cases.solve(number, "1008", "nothing to it")
            assert solved.refused is CaseRefusal.ACCUSED

            # Another process of the machine writes beside the engine.
            async with case_book(config) as book:
                assert (await book.assign(number, "li.na", "1009", "knows it")).refused is None
                assert (await book.answer(number, "1009", "told that it is paid")).refused is None
            assert (await far.cases.solve(number, "1009", "paid back")).refused is None
            closed = await far.cases.finish(number, "1009")
            assert closed.refused is None
            assert closed.case is not None
            assert closed.case.state is CaseState.CLOSED

            await hears_how_far(phone, "case-state-closed")
            acts = [one.act for one in await far.cases.history(number)]
        assert acts.count("told") == 1
