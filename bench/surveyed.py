"""A seeded bank whose callers are asked: agents, each with ways of their own, and what callers say of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

import msgspec

from ivr.centre.surveyreport.call import Call
from ivr.model.surveys import Question
from ivr.ports.coverage import Asked, CoverageRow, How, Leg, Progress

ZONE = ZoneInfo("Asia/Shanghai")
QUEUES = ("service", "loans", "wealth")
OPENS, CLOSES = time(9), time(18)
UNHAPPY = 0.2
"""About so many callers are not content, whoever the agent is."""
HIDING, SILENT, PASSING = "hiding", "silent", "passing"
"""What agents may do with most unhappy callers: have them hang up first, say nothing until they do, or send
them on late."""


class Bank(msgspec.Struct, frozen=True):
    """How big it is; `tricks` are what some agents do, by number."""

    seed: int
    first: date = date(2026, 10, 1)
    days: int = 21
    agents: int = 40
    self_service: float = 0.3
    tricks: Mapping[str, str] = {}


class Slot(msgspec.Struct, frozen=True, order=True):
    """An agent's conversation: from when, how long, and how long the agent wraps up afterwards."""

    begins: datetime
    agent: str
    talk_s: float
    wrap_up_s: float

    @property
    def ends(self) -> datetime:
        """When they have talked."""
        return self.begins + timedelta(seconds=self.talk_s)


class Agent:
    """An agent: rates are drawn once, so that honest agents differ."""

    def __init__(self, number: int, drawn: random.Random, trick: str) -> None:
        self.number = str(1001 + number)
        self.queue = QUEUES[number % len(QUEUES)]
        self.trick = trick
        self.pace = drawn.gauss(1, 0.15)
        self.care = drawn.gauss(0.5 * (self.pace - 1), 0.15)
        self.ended = _about(drawn, 0.28, 0.03)
        self.silent = _about(drawn, 0.03, 0.008)
        self.passed = _about(drawn, 0.02, 0.006)

    def slots(self, bank: Bank, drawn: random.Random) -> Iterator[Slot]:
        """Yield what the agent does on all days."""
        for day in (bank.first + timedelta(days=one) for one in range(bank.days)):
            at = datetime.combine(day, OPENS, ZONE)
            while at.time() < CLOSES and at.date() == day:
                at += timedelta(seconds=drawn.expovariate(1 / 90))
                talk = drawn.lognormvariate(5.3, 0.45) * self.pace
                slot = Slot(at, self.number, talk, drawn.uniform(20, 60))
                yield slot
                at = slot.ends + timedelta(seconds=slot.wrap_up_s)


class Visit(msgspec.Struct, frozen=True):
    """A call. `after`: the caller is asked afterwards, and is reached or not."""

    call_id: str
    begins: datetime
    ends: datetime
    ani: str
    customer: str
    language: str
    legs: tuple[Leg, ...]
    how: How
    reached: bool
    answers: dict[str, str]
    ended_how: str

    @property
    def survey(self) -> str:
        """What is asked."""
        return "after-agent" if self.legs else "self-service"


def slots(bank: Bank) -> tuple[dict[str, Agent], list[Slot]]:
    """Return the agents, and all that they do in the order of time."""
    drawn = random.Random(f"{bank.seed} agents")
    tricks = bank.tricks
    agents = [Agent(one, drawn, tricks.get(str(1001 + one), "")) for one in range(bank.agents)]
    everything = [slot for agent in agents for slot in agent.slots(bank, drawn)]
    return {agent.number: agent for agent in agents}, sorted(everything)


def visits(bank: Bank) -> Iterator[Visit]:
    """Yield all calls: who is unhappy calls again more often."""
    agents, work = slots(bank)
    drawn = random.Random(f"{bank.seed} calls")
    waiting: list[tuple[datetime, int]] = []
    for number, slot in enumerate(work):
        caller = heappop(waiting)[1] if waiting and waiting[0][0] <= slot.begins else number
        alone = drawn.random() < bank.self_service
        unhappy = drawn.random() < UNHAPPY - 0.2 * agents[slot.agent].care
        yield _visit(number, caller, slot, None if alone else agents[slot.agent], unhappy, drawn)
        if drawn.random() < (0.45 if unhappy else 0.06):
            again = slot.begins + timedelta(hours=drawn.uniform(2, 150))
            heappush(waiting, (again, caller))


def _visit(
    number: int, caller: int, slot: Slot, agent: Agent | None, unhappy: bool, drawn: random.Random
) -> Visit:
    legs: tuple[Leg, ...] = () if agent is None else (_leg(slot, agent, unhappy, drawn),)
    hung_up = bool(legs) and legs[-1].by == "caller"
    how = How.IN_CALL
    if hung_up:
        how = How.MESSAGE if caller % 3 else How.CALL
    reached = how is How.IN_CALL or drawn.random() < 0.9
    answers = _answers(legs, unhappy, how, drawn) if reached else {}
    ended = "" if not answers and not reached else "refused" if not any(answers.values()) else ""
    broken = drawn.random() < 0.1
    return Visit(
        f"17{slot.begins.timestamp():.0f}.{number}",
        slot.begins - timedelta(seconds=40),
        slot.ends,
        f"138{caller:08}",
        f"C{caller:07}" if how is How.MESSAGE else "",
        "en" if caller % 5 == 0 else "zh",
        legs,
        how,
        reached,
        answers,
        ended or ("broken_off" if broken else "completed"),
    )


def _leg(slot: Slot, agent: Agent, unhappy: bool, drawn: random.Random) -> Leg:
    plays = unhappy and drawn.random() < 0.9
    ended = agent.ended * (1.3 if unhappy else 1)
    by = "caller" if drawn.random() < ended else "agent"
    silent = drawn.random() < agent.silent
    if drawn.random() < agent.passed:
        by = "transfer"
    if plays and agent.trick == HIDING:
        by = "caller"
    if plays and agent.trick == SILENT:
        by, silent = "caller", True
    if plays and agent.trick == PASSING:
        by = "transfer"
    tail = drawn.uniform(12_000, 40_000) if silent else drawn.uniform(300, 3_000)
    return Leg(agent.queue, agent.number, int(slot.talk_s * 1000), by, int(tail))


def _answers(
    legs: tuple[Leg, ...], unhappy: bool, how: How, drawn: random.Random
) -> dict[str, str]:
    """Return what is answered; nothing by who does not respond."""
    if drawn.random() > (0.46 if how is How.IN_CALL else 0.24) * (0.8 if unhappy else 1):
        return {} if how is not How.IN_CALL else {"satisfied" if legs else "easy": ""}
    pleased = drawn.choices("12345", (30, 30, 25, 10, 5) if unhappy else (1, 2, 7, 35, 55))[0]
    solved = "2" if drawn.random() < (0.7 if unhappy else 0.08) else "1"
    if not legs:
        return {"easy": pleased, "solved": solved}
    likely = min(10, max(0, round(drawn.gauss(4 if unhappy else 8.7, 1.5))))
    answers = {"satisfied": pleased, "solved": solved, "recommend": str(likely)}
    if drawn.random() < 0.08:
        answers["recommend"] = ""
    return answers


def _about(drawn: random.Random, mean: float, spread: float) -> float:
    """Draw a rate of the beta distribution."""
    whole = mean * (1 - mean) / spread**2 - 1
    return drawn.betavariate(mean * whole, (1 - mean) * whole)


def call(visit: Visit, questions: Mapping[str, Question], again: bool | None) -> Call:
    """Return a visit as the report sees it, without a store in between."""
    progress = None
    if visit.how is not How.IN_CALL:
        answered = Progress.ANSWERED if any(visit.answers.values()) else Progress.SENT
        progress = answered if visit.reached else Progress.EXPIRED
    asked = Asked(visit.call_id, visit.survey, visit.answers, (), visit.ended_how, progress)
    return Call(row_of(visit), asked, visit.ends, questions, again)


def row_of(visit: Visit) -> CoverageRow:
    """Return a visit's row of the coverage ledger, unchained."""
    return CoverageRow(
        number=1,
        call_id=visit.call_id,
        started_at=visit.begins,
        ended_at=visit.ends,
        how=visit.how,
        reason="",
        survey=visit.survey,
        kind="agent" if visit.legs else "self_service",
        language=visit.language,
        dnis="95500",
        ani=visit.ani,
        customer=visit.customer,
        version="v1",
        ended=visit.legs[-1].by if visit.legs else "hotline",
        outcome="completed",
        legs=visit.legs,
        previous="",
    )
