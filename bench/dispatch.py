"""The dispatcher: how long a decision takes when thousands wait for a thousand agents.

A floor in the rush: everybody waits, every agent talks. Then an agent has done, and is given the right
caller; somebody calls, and finds a place; in between time passes, rules open and callers come of age. A
decision is one of these changes and what follows from it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from itertools import count, islice

import msgspec

from bench.processes import Noise
from bench.report import Column, Report, Sample, hundredth, tenth, whole
from bench.targets import Goal, Line, targets
from ivr.centre.dispatch import Caller, Dispatcher, Match
from ivr.model.expressions import holding
from ivr.model.queues import AgentsDocument, QueuePlan, QueuesDocument
from ivr.model.values import Value
from ivr.ports.agents import AgentState

ONE_SKILL, SKILLS, SORT_ALL = "one skill for all", "six skills", "six skills, sort all"
ENGINES = (ONE_SKILL, SKILLS, SORT_ALL)
COLUMNS = (
    Column("waiting", "waiting", whole),
    Column("agents", "agents", whole),
    Column("p50\nms", "p50", hundredth),
    Column("p99\nms", "p99", hundredth),
    Column("longest\nms", "longest", tenth),
    Column("decisions\n/s", "rate", whole),
    Column("all free\nat once, ms", "cold", tenth),
)
WANTED_P99 = 5.0
LINES = (
    Line(
        "a decision, p99 ms, one skill",
        ONE_SKILL,
        "p99",
        hundredth,
        (),
        Goal("D1", most=WANTED_P99),
    ),
    Line(
        "a decision, p99 ms, six skills",
        SKILLS,
        "p99",
        hundredth,
        (SORT_ALL,),
        Goal("D1", most=WANTED_P99),
    ),
    Line("decisions/s, six skills", SKILLS, "rate", whole, (SORT_ALL,)),
)
NAMES = ("service", "cards", "loans", "wealth", "merchants", "complaints")
SEED = 20261122
CROWD_S = 300.0
"""Those who wait at first have come within so many seconds."""


class Size(msgspec.Struct, frozen=True):
    """How many wait for how many agents, and how many decisions are timed; of the peer a hundredth."""

    rounds: int = 3
    waiting: int = 5_000
    agents: int = 1_000
    decisions: int = 20_000


QUICK = Size(rounds=1, waiting=200, agents=40, decisions=400)
NOTES = [
    "a decision: an agent has done, or somebody calls, in turns, and all that follows",
    "six skills: as many queues of three rules each, levels at random, a third of agents and a tenth of"
    " callers speak English",
    "all free at once: the one decision that gives every agent a caller",
    "it is limited by Python's own speed: an agent who is free is put into, and taken out of, the list of"
    " each rule that admits them",
]


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return size.rounds * len(ENGINES)


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Measure all in turns."""
    report = Report("dispatcher: decisions in the rush", [], [], NOTES)
    for number in range(1, size.rounds + 1):
        for engine in ENGINES:
            progress(engine)
            noise = Noise()
            figures = _measured(engine, size)
            report.samples.append(Sample(engine, number, noise.cores(), figures))
    report.targets = targets(report, LINES)
    return report


def plan_of(agents: int, skills: bool) -> QueuePlan:
    """Return six queues, and agents whose levels are drawn at random; or all of them alike."""
    chance = random.Random(SEED)
    queues = {
        name: {
            "agents": [
                f"{{{{ {name} >= 60 and caller.language in languages }}}}",
                {"after": "40s", "when": f"{{{{ {name} >= 30 }}}}"},
                {"after": "90s", "when": f"{{{{ {name} >= 1 }}}}"},
            ]
            if skills
            else ["anyone"],
            "max_wait": "24h",
        }
        for name in NAMES
    }
    people = {
        str(1000 + number): {
            "name": "agent",
            "skills": {name: chance.randint(1, 100) for name in chance.sample(NAMES, 3)},
            "languages": ["zh", "en"] if chance.random() < 1 / 3 else ["zh"],
        }
        for number in range(agents)
    }
    lists = QueuesDocument.model_validate({"queues": queues})
    staff = AgentsDocument.model_validate(
        {"agents": people, "skills": dict.fromkeys(NAMES, "level")}
    )
    return QueuePlan(lists.queues, staff.agents, staff.skills, lists.fairness)


class Rush:
    """Callers and agents drawn at random, the same in every run."""

    def __init__(self, size: Size) -> None:
        self._chance = random.Random(SEED)
        self._size = size
        self._called = 0

    def callers(self, now: float) -> Iterator[Caller]:
        """Yield those who wait at first: they have come in the last five minutes."""
        for number in range(self._size.waiting):
            yield self.caller(now - CROWD_S * (1 - number / self._size.waiting))

    def caller(self, now: float) -> Caller:
        """Return the next who calls."""
        self._called += 1
        chance = self._chance
        facts = {"language": "en" if chance.random() < 0.1 else "zh"}
        priority = chance.choice((0, 0, 0, 60))
        return Caller(str(self._called), chance.choice(NAMES), now, priority, facts)

    def agent(self, agents: list[str]) -> str:
        """Return who is done next."""
        return self._chance.choice(agents)


class SortAll:
    """What one writes first: at each decision all callers are sorted by their score, and each is tried
    with every free agent. It decides as the dispatcher does."""

    def __init__(self, plan: QueuePlan) -> None:
        self._plan = plan
        self._waiting: dict[str, Caller] = {}
        self._free: dict[str, float] = {}
        self._rules = {
            name: [(rule.after / 1000, holding(rule.when)) for rule in queue.agents]
            for name, queue in plan.queues.items()
        }
        self._scopes: dict[str, dict[str, Value]] = {
            agent: {**one.skills, "languages": " ".join(one.languages)}
            for agent, one in plan.agents.items()
        }

    def join(self, caller: Caller) -> None:
        self._waiting[caller.call_id] = caller

    def ready(self, agent: str, now: float) -> None:
        self._free.setdefault(agent, now)

    def decide(self, now: float) -> dict[str, str]:
        """Return who is given to whom."""
        made: dict[str, str] = {}
        for caller in sorted(self._waiting.values(), key=lambda one: -self._score(one, now)):
            agent = self._agent(caller, now)
            if agent is not None:
                made[caller.call_id] = agent
                del self._waiting[caller.call_id], self._free[agent]
        return made

    def _score(self, caller: Caller, now: float) -> float:
        waited, fairness = now - caller.entered, self._plan.fairness
        most = fairness.head_start / 1000
        aged = waited >= fairness.overtaken / 1000
        return waited + (most if aged else min(most, caller.priority))

    def _agent(self, caller: Caller, now: float) -> str | None:
        for after, holds in self._rules[caller.queue]:
            if now - caller.entered >= after:
                for agent in sorted(self._free, key=lambda one: self._free[one]):
                    if holds({**self._scopes[agent], "caller": caller.facts}):
                        return agent
        return None


class OneCall:
    """The dispatcher, driven as the peer is."""

    def __init__(self, plan: QueuePlan) -> None:
        self._it = Dispatcher(plan, 0)
        for agent in plan.agents:
            self._it.agent(agent, AgentState.TALKING, 0)

    def join(self, caller: Caller) -> None:
        self._it.join(caller, caller.entered, admitted=True)

    def ready(self, agent: str, now: float) -> None:
        self._it.agent(agent, AgentState.READY, now)

    def decide(self, now: float) -> dict[str, str]:
        decided = self._it.decide(now)
        return {one.call_id: one.agent for one in decided if isinstance(one, Match)}


Made = tuple[float, dict[str, str]]
"""The seconds that a decision took, and who was given to whom."""


def decisions(it: OneCall | SortAll, plan: QueuePlan, size: Size) -> Iterator[Made]:
    """Let a crowd wait, and yield the decisions that follow for as long as they are asked for."""
    rush, now = Rush(size), CROWD_S
    for caller in rush.callers(now):
        it.join(caller)
    it.decide(now)
    agents = list(plan.agents)
    for number in count():
        now += 0.05
        caller, agent = rush.caller(now), rush.agent(agents)
        began = time.perf_counter()
        if number % 2:
            it.join(caller)
        else:
            it.ready(agent, now)
        made = it.decide(now)
        yield time.perf_counter() - began, made


def all_at_once(plan: QueuePlan, size: Size) -> float:
    """Return the seconds of the one decision that gives every agent a caller."""
    it = OneCall(plan)
    for caller in Rush(size).callers(CROWD_S):
        it.join(caller)
    it.decide(CROWD_S)
    began = time.perf_counter()
    for agent in plan.agents:
        it.ready(agent, CROWD_S)
    it.decide(CROWD_S)
    return time.perf_counter() - began


def _measured(engine: str, size: Size) -> dict[str, float]:
    plan = plan_of(size.agents, engine != ONE_SKILL)
    it = SortAll(plan) if engine == SORT_ALL else OneCall(plan)
    timed = size.decisions // (100 if engine == SORT_ALL else 1)
    took = sorted(seconds for seconds, _ in islice(decisions(it, plan, size), timed))
    figures = {
        "waiting": size.waiting,
        "agents": size.agents,
        "p50": took[len(took) // 2] * 1000,
        "p99": took[int(len(took) * 0.99)] * 1000,
        "longest": took[-1] * 1000,
        "rate": len(took) / sum(took),
    }
    return figures if engine == SORT_ALL else {**figures, "cold": all_at_once(plan, size) * 1000}
