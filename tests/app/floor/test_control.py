"""What agents do with calls: each wish, and each way it can end, leaves nobody alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ivr.app.config import AgentsConfig
from ivr.centre.agents import Act
from ivr.model.floor import Answered, Disposed, Ended, HandedOff, Held, Spied, Transferred
from ivr.model.secret import Secret
from ivr.ports.agents import AgentState, Done, Refusal, Spying
from ivr.ports.waiting import Errand, Hold, Join
from tests.app.floor.hands import (
    CALL,
    OWN,
    PIN,
    QUEUE,
    Centre,
    centre,
    channel,
    empty,
    settled,
)

ERRAND = Errand("e1", "order", "transfer", {"amount": "100"})


@pytest.fixture
def desk() -> Centre:
    return centre()


async def consulting(desk: Centre, target: str = "agent:1002") -> str:
    """Have agent 1001 talk with somebody; return that leg."""
    assert (await desk.control.consult("1001", target)).refused is None
    return await desk.phones.answer()


# ---------------------------------------------------------------------- coming and going


async def test_an_agent_logs_in_on_a_telephone_that_is_allowed() -> None:
    desk = empty()
    done = await desk.control.login("1001", Secret(PIN), "PJSIP/agent1001")
    assert done.refused is None
    assert done.view is not None
    assert (done.view.state, done.view.endpoint) == (AgentState.PAUSED, "agent1001")
    assert desk.door.trail == [("name.1001", "agent.login", "1001", "agent1001")]
    again = await desk.control.login("1001", Secret(PIN), "PJSIP/agent1001")
    assert again.refused is None
    view = await desk.control.at("PJSIP/agent1001")
    assert view is not None
    assert view.agent == "1001"
    assert await desk.control.at("") is None


@pytest.mark.parametrize(
    ("agent", "pin", "endpoint", "why"),
    [
        ("1001", "000000", "agent1001", Refusal.CREDENTIALS),
        ("9999", PIN, "agent1001", Refusal.CREDENTIALS),
        ("1001", PIN, "trunk", Refusal.TARGET),
        ("1001", PIN, "", Refusal.TARGET),
        ("1001", PIN, "agent1002", Refusal.STATE),
        ("1002", PIN, "agent1003", Refusal.STATE),
    ],
)
async def test_who_may_not_log_in(agent: str, pin: str, endpoint: str, why: Refusal) -> None:
    desk = empty()
    await desk.control.login("1002", Secret(PIN), "agent1002")
    assert (await desk.control.login(agent, Secret(pin), endpoint)).refused is why
    assert desk.state is AgentState.OFFLINE


async def test_pauses_have_reasons_that_there_are(desk: Centre) -> None:
    assert (await desk.control.pause("1002", "lunch")).refused is None
    assert desk.floor.stood["1002"].reason == "lunch"
    assert (await desk.control.pause("1002", "1")).refused is None
    assert desk.floor.stood["1002"].reason == "break"
    assert (await desk.control.pause("1002", "bored")).refused is Refusal.TARGET
    assert (await desk.control.ready("1002")).refused is None
    assert (await desk.control.logout("1002")).refused is None
    assert (await desk.control.logout("1002")).refused is Refusal.STATE
    assert (await desk.control.ready("4711")).refused is Refusal.TARGET


async def test_a_disposition_belongs_to_the_call(desk: Centre) -> None:
    assert (await desk.control.dispose("1002", "solved")).refused is Refusal.STATE
    assert (await desk.control.dispose("1001", "nonsense")).refused is Refusal.TARGET
    assert (await desk.control.dispose("1001", "01", "card")).refused is None
    assert desk.floor.diary == [Disposed("1001", CALL, QUEUE, "solved", "card")]


async def test_wrap_up_is_put_off_as_often_as_the_queue_allows(desk: Centre) -> None:
    assert (await desk.control.extend("1001")).refused is Refusal.STATE
    desk.floor.act("1001", Act.ENDED)
    most = desk.control._queue(desk.floor.stood["1001"]).wrap_up.extensions
    done = [(await desk.control.extend("1001")).refused for _ in range(most + 1)]
    assert done == [None] * most + [Refusal.STATE]


# ---------------------------------------------------------------------- holding


async def test_hold_and_resume(desk: Centre) -> None:
    states = []
    for wish, why in (
        (desk.control.hold, None),
        (desk.control.hold, Refusal.STATE),
        (desk.control.resume, None),
    ):
        assert (await wish("1001")).refused is why
        states.append(desk.state)
    assert states == [AgentState.HOLDING, AgentState.HOLDING, AgentState.TALKING]
    assert desk.floor.told == [(CALL, Hold()), (CALL, Join(OWN, "1001"))]
    assert desk.floor.diary == [
        Held(CALL, QUEUE, "1001"),
        Answered(CALL, QUEUE, "1001", OWN, again=True),
    ]


@pytest.mark.parametrize("back", [False, True])
async def test_nobody_is_held_for_ever(back: bool) -> None:
    desk = centre(AgentsConfig(hold="10ms"))
    await desk.control.hold("1001")
    if back:
        await desk.control.resume("1001")
    async with asyncio.timeout(5):
        await asyncio.gather(*desk.control._held)
    assert desk.state is AgentState.TALKING
    assert desk.events == (["Held", "Answered"] if back else ["Held", "Alerted", "Answered"])


async def test_who_is_on_hold_when_the_engine_starts_is_not_held_for_ever(desk: Centre) -> None:
    await desk.control.hold("1001")
    restarted = centre(AgentsConfig(hold="10ms"))
    restarted.floor.stood.update(desk.floor.stood)
    await restarted.control.recover()
    async with asyncio.timeout(5):
        await asyncio.gather(*restarted.control._held)
    assert restarted.state is AgentState.TALKING


async def test_what_asterisk_did_not_do_is_not_written_down(desk: Centre) -> None:
    desk.floor.down = True
    for wish in (
        desk.control.hold("1001"),
        desk.control.consult("1001", "agent:1002"),
        desk.control.hand_off("1001", ERRAND),
        desk.control.transfer("1001", "branch:101"),
    ):
        assert (await wish).refused is Refusal.UNREACHABLE
    assert (desk.state, desk.other, desk.events) == (AgentState.TALKING, AgentState.READY, [])


async def test_who_hangs_up_while_holding_leaves_a_caller_who_waits_again(desk: Centre) -> None:
    await desk.control.hold("1001")
    await desk.control.lost("1001")
    assert desk.state is AgentState.WRAP_UP
    assert desk.floor.told[-1] == (CALL, "waits for anybody")
    assert desk.floor.diary[-1] == Ended(CALL, QUEUE, "1001", "agent")


# ---------------------------------------------------------------------- consulting


async def test_a_warm_transfer_joins_the_caller_with_who_was_consulted(desk: Centre) -> None:
    leg = await consulting(desk)
    assert desk.phones.dialled == ["PJSIP/agent1002"]
    assert desk.phones.joined == [(OWN, leg)]
    assert (desk.state, desk.other) == (AgentState.CONSULTING, AgentState.TALKING)
    assert (await desk.control.complete("1001")).refused is None
    assert (desk.state, desk.other) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert desk.floor.told == [(CALL, Hold()), (CALL, Join(leg, "1002"))]
    assert desk.phones.ended == [OWN]
    assert desk.floor.diary == [
        Held(CALL, QUEUE, "1001", "agent:1002"),
        Answered(CALL, QUEUE, "1002", leg, again=True),
        Ended(CALL, QUEUE, "1001", "transfer"),
        Transferred(CALL, QUEUE, "1001", "agent:1002", warm=True),
    ]
    desk.phones.gone(leg)
    await settled()
    assert desk.floor.told[-1] == (CALL, Join(leg, "1002")), "the end of that talk is the floor's"


@pytest.mark.parametrize("target", ["queue:loans", "branch:101"])
async def test_a_queue_or_a_branch_can_be_consulted(desk: Centre, target: str) -> None:
    leg = await consulting(desk, target)
    dialled = {"queue:loans": "PJSIP/agent1002", "branch:101": "Local/8101@branches"}
    assert desk.phones.dialled == [dialled[target]]
    await desk.control.complete("1001")
    who = "1002" if target == "queue:loans" else target
    assert desk.floor.told[-1] == (CALL, Join(leg, who))


@pytest.mark.parametrize(
    "target",
    ["agent:1003", "agent:1001", "queue:none", "branch:999", "13800001111", "phone:1", ":"],
)
async def test_nobody_is_rung_whom_the_configuration_does_not_have(
    desk: Centre, target: str
) -> None:
    assert (await desk.control.consult("1001", target)).refused is Refusal.TARGET
    assert (await desk.control.transfer("1001", target.replace("1001", "1003"))).refused is (
        Refusal.TARGET
    )
    assert (desk.state, desk.floor.told, desk.phones.dialled) == (AgentState.TALKING, [], [])


async def test_a_queue_where_nobody_is_free_cannot_be_consulted(desk: Centre) -> None:
    desk.floor.act("1002", Act.PAUSE)
    assert (await desk.control.consult("1001", "queue:loans")).refused is Refusal.TARGET


async def test_the_agent_comes_back_to_the_caller_instead(desk: Centre) -> None:
    leg = await consulting(desk)
    assert (await desk.control.resume("1001")).refused is None
    assert (desk.state, desk.other) == (AgentState.TALKING, AgentState.READY)
    assert desk.phones.ended == [leg]
    assert desk.floor.told[-1] == (CALL, Join(OWN, "1001"))
    assert (await desk.control.complete("1001")).refused is Refusal.STATE


async def test_the_agent_comes_back_while_it_rings(desk: Centre) -> None:
    await desk.control.consult("1001", "agent:1002")
    leg = await desk.phones.leg()
    assert (await desk.control.complete("1001")).refused is Refusal.STATE, "nobody has answered yet"
    await desk.control.resume("1001")
    await settled()
    assert desk.phones.ended == [leg]
    assert (desk.state, desk.other) == (AgentState.TALKING, AgentState.READY)
    assert [turn for _, turn in desk.floor.told] == [Hold(), Join(OWN, "1001")]


async def test_who_answers_just_when_the_agent_has_come_back_is_let_go(desk: Centre) -> None:
    await desk.control.consult("1001", "agent:1002")
    leg = await desk.phones.leg()
    desk.phones.ringing[leg].set_result(True)
    await desk.control.resume("1001")
    await settled()
    assert desk.phones.up == []
    assert desk.phones.joined == []


async def test_nobody_answers(desk: Centre) -> None:
    await desk.control.consult("1001", "agent:1002")
    await desk.phones.answer(up=False)
    assert desk.state is AgentState.TALKING
    assert desk.floor.stood["1002"].missed == 1
    assert desk.floor.told[-1] == (CALL, Join(OWN, "1001"))


async def test_who_was_consulted_hangs_up(desk: Centre) -> None:
    leg = await consulting(desk)
    desk.phones.gone(leg)
    await settled()
    assert (desk.state, desk.other) == (AgentState.TALKING, AgentState.READY)
    assert desk.floor.told[-1] == (CALL, Join(OWN, "1001"))


async def test_the_caller_hangs_up_in_a_consultation(desk: Centre) -> None:
    leg = await consulting(desk)
    desk.phones.gone(CALL)
    await settled()
    assert desk.phones.ended == [leg]
    assert desk.other is AgentState.READY


async def test_the_caller_hangs_up_while_it_rings(desk: Centre) -> None:
    await desk.control.consult("1001", "agent:1002")
    leg = await desk.phones.leg()
    desk.phones.gone(CALL)
    await settled()
    assert (desk.phones.ended, desk.other) == ([leg], AgentState.READY)


async def test_who_hangs_up_in_a_consultation_has_transferred(desk: Centre) -> None:
    leg = await consulting(desk)
    await desk.control.lost("1001")
    assert desk.floor.told[-1] == (CALL, Join(leg, "1002"))
    assert (desk.state, desk.other) == (AgentState.WRAP_UP, AgentState.TALKING)


async def test_who_hangs_up_while_it_rings_leaves_a_caller_who_waits_again(desk: Centre) -> None:
    await desk.control.consult("1001", "agent:1002")
    leg = await desk.phones.leg()
    await desk.control.lost("1001")
    await settled()
    assert desk.phones.ended == [leg]
    assert desk.floor.told[-1] == (CALL, "waits for anybody")
    assert (desk.state, desk.other) == (AgentState.WRAP_UP, AgentState.READY)


async def test_a_consultation_outlives_the_engine(desk: Centre) -> None:
    leg = await consulting(desk)
    restarted = centre()
    restarted.floor.stood.update(desk.floor.stood)
    restarted.phones.up.append(channel(leg))
    await restarted.control.recover()
    assert restarted.phones.ended == []
    assert (await restarted.control.complete("1001")).refused is None
    assert restarted.floor.told == [(CALL, Join(leg, "1002"))]


async def test_what_only_rang_when_the_engine_ended_is_let_go(desk: Centre) -> None:
    leg = await consulting(desk)
    restarted = centre()
    restarted.floor.stood.update(desk.floor.stood)
    restarted.phones.up.append(channel(leg, bridge=""))
    restarted.phones.up.append(channel("consult-4711-agent-1002-aa"))
    await restarted.control.recover()
    assert restarted.phones.ended == [leg, "consult-4711-agent-1002-aa"]
    assert restarted.state is AgentState.TALKING
    assert restarted.floor.told == [(CALL, Join(OWN, "1001"))]


# ---------------------------------------------------------------------- sending on


@pytest.mark.parametrize(("target", "waits"), [("queue:loans", "loans"), ("agent:1002", "1002")])
async def test_a_blind_transfer(desk: Centre, target: str, waits: str) -> None:
    assert (await desk.control.transfer("1001", target)).refused is None
    assert desk.floor.told == [(CALL, f"waits for {waits}")]
    assert desk.phones.ended == [OWN]
    assert desk.state is AgentState.WRAP_UP
    assert desk.floor.diary == [
        Ended(CALL, QUEUE, "1001", "transfer"),
        Transferred(CALL, QUEUE, "1001", target, warm=False),
    ]


@pytest.mark.parametrize("up", [True, False])
async def test_a_blind_transfer_to_a_branch(desk: Centre, up: bool) -> None:
    assert (await desk.control.transfer("1001", "branch:101")).refused is None
    leg = await desk.phones.answer(up=up)
    expected = Join(leg, "branch:101") if up else "waits for anybody"
    assert desk.floor.told == [(CALL, Hold()), (CALL, expected)]
    assert (desk.state, desk.phones.ended) == (AgentState.WRAP_UP, [OWN])


async def test_the_caller_hangs_up_while_the_branch_rings(desk: Centre) -> None:
    await desk.control.transfer("1001", "branch:101")
    leg = await desk.phones.leg()
    desk.phones.gone(CALL)
    await settled()
    assert desk.phones.ended == [OWN, leg]


# ---------------------------------------------------------------------- the secure hand-off


async def test_the_agent_is_kept_while_the_caller_is_on_an_errand(desk: Centre) -> None:
    assert (await desk.control.hand_off("1001", ERRAND)).refused is None
    assert desk.floor.told == [(CALL, ERRAND)]
    assert desk.floor.diary == [
        HandedOff(CALL, QUEUE, "1001", "e1", "order", "transfer", {"amount": "100"})
    ]
    assert desk.state is AgentState.RESERVED
    for wish in (
        desk.control.hold("1001"),
        desk.control.resume("1001"),
        desk.control.consult("1001", "agent:1002"),
        desk.control.transfer("1001", "queue:loans"),
        desk.control.hand_off("1001", ERRAND),
    ):
        assert (await wish).refused is Refusal.STATE
    assert desk.floor.told == [(CALL, ERRAND)]


async def test_the_agent_hangs_up_while_the_caller_is_on_an_errand(desk: Centre) -> None:
    await desk.control.hand_off("1001", ERRAND)
    await desk.control.lost("1001")
    assert desk.state is AgentState.WRAP_UP
    assert desk.floor.told[-1] == (CALL, "waits for anybody")


async def test_who_listens_is_sent_away_before_the_caller_is_alone(desk: Centre) -> None:
    await desk.control.spy("grace.liu", "agent1003", "1001", Spying.LISTEN)
    (spy,) = desk.phones.up
    await desk.control.hand_off("1001", ERRAND)
    assert desk.phones.ended == [spy.uniqueid]


# ---------------------------------------------------------------------- listening


@pytest.mark.parametrize("how", Spying)
async def test_a_supervisor_takes_part_and_it_is_written_down(desk: Centre, how: Spying) -> None:
    done = await desk.control.spy("grace.liu", "agent1003", "1001", how)
    assert done.refused is None
    assert desk.phones.dialled == [f"PJSIP/agent1003 {how} {OWN}"]
    assert desk.floor.diary == [Spied("grace.liu", "1001", CALL, how.value)]
    assert desk.phones.unheeded[0] == CALL, "nobody listens for speech on the caller's channel"
    assert len(desk.phones.unheeded) == 2
    assert desk.door.trail == [("grace.liu", f"spy.{how}", f"1001 {CALL}", "agent1003")]


async def test_nobody_listens_while_the_caller_is_alone_with_the_machine(desk: Centre) -> None:
    await desk.control.hand_off("1001", ERRAND)
    done = await desk.control.spy("grace.liu", "agent1003", "1001", Spying.LISTEN)
    assert done.refused is Refusal.WINDOW
    assert desk.phones.dialled == []
    assert desk.floor.diary[-1] == Spied("grace.liu", "1001", CALL, "listen", "window")
    assert desk.door.trail[-1][1] == "spy.listen.refused.window"


@pytest.mark.parametrize(
    ("endpoint", "agent", "why"),
    [
        ("trunk", "1001", Refusal.TARGET),
        ("agent1003", "4711", Refusal.TARGET),
        ("agent1003", "1002", Refusal.STATE),
    ],
)
async def test_there_is_nothing_to_listen_to(
    desk: Centre, endpoint: str, agent: str, why: Refusal
) -> None:
    done = await desk.control.spy("grace.liu", endpoint, agent, Spying.BARGE)
    assert (done.refused, desk.phones.dialled) == (why, [])


Wish = Callable[[Centre], Awaitable[Done]]


@pytest.mark.parametrize(
    "wish",
    [
        lambda desk: desk.control.hold("1002"),
        lambda desk: desk.control.resume("1002"),
        lambda desk: desk.control.consult("1002", "agent:1001"),
        lambda desk: desk.control.complete("1002"),
        lambda desk: desk.control.transfer("1002", "queue:loans"),
        lambda desk: desk.control.hand_off("1002", ERRAND),
    ],
)
async def test_without_a_call_there_is_nothing_to_do(desk: Centre, wish: Wish) -> None:
    done = await wish(desk)
    assert done.refused is Refusal.STATE
    assert done.view is not None
    assert done.view.state is AgentState.READY
    assert desk.floor.told == []


async def test_all_agents_are_seen(desk: Centre) -> None:
    views = await desk.control.views()
    assert [view.agent for view in views] == ["1001", "1002", "1003"]
    assert (views[0].name, views[0].call_id, views[2].since) == ("agent 1001", CALL, None)


@pytest.mark.parametrize("target", ["queue:loans", "agent:1002"])
async def test_nobody_is_sent_on_while_asterisk_cannot_be_asked(target: str) -> None:
    desk = centre()
    desk.phones.down = True
    assert (await desk.control.transfer("1001", target)).refused is Refusal.UNREACHABLE
    assert (desk.events, desk.floor.told, desk.state) == ([], [], AgentState.TALKING)
