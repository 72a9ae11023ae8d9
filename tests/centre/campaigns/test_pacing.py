"""How many telephones ring: whatever the world does, too many customers never find nobody."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ivr.centre.campaigns.pacing import (
    ON_ITS_WAY,
    WINDOW,
    Limits,
    Load,
    may_keep,
    may_ring_bare,
)
from ivr.model.campaigns import Mode

AGENTS = 8


class World:
    """Calls, agents and customers as bad as they like, and a campaign that keeps to the law."""

    def __init__(self, mode: Mode) -> None:
        self.limits = Limits(mode, most=30, agents=AGENTS)
        self.now = timedelta()
        self.free = AGENTS
        self.covered = 0  # calls that ring, for each of which an agent is kept
        self.bare: list[timedelta] = []  # calls that ring without one, since when
        self.talking = 0
        self.began: list[timedelta] = []
        self.answers: list[timedelta] = []
        self.talks: list[timedelta] = []
        self.drops: list[timedelta] = []

    def within(self, past: list[timedelta], span: timedelta = WINDOW) -> int:
        return sum(at > self.now - span for at in past)

    def load(self) -> Load:
        return Load(
            kept=self.covered,
            bare=len(self.bare),
            live=self.covered + len(self.bare) + self.talking,
            free=self.free,
            drops=self.within(self.drops),
            talked=self.within(self.talks, WINDOW - ON_ITS_WAY),
            calls=self.within(self.began),
            answered=self.within(self.answers),
        )

    def fill(self) -> None:
        """Begin what may be begun."""
        while True:
            if may_keep(self.limits, self.load()):
                self.free -= 1
                self.covered += 1
            elif may_ring_bare(self.limits, self.load()):
                self.bare.append(self.now)
            else:
                return
            self.began.append(self.now)

    def answered(self, bare: bool) -> None:
        """A customer answers: an agent is there, is free, or is taken from a call that only rings."""
        if bare and not self.bare:
            return
        if not bare and not self.covered:
            return
        self.answers.append(self.now)
        if not bare:
            self.covered -= 1
        elif self.free:
            self.bare.pop()
            self.free -= 1
        elif self.covered:
            self.bare.pop()
            self.covered -= 1
            self.bare.append(self.now)  # the one that lent its agent
        else:
            self.bare.pop()
            self.drops.append(self.now)
            return
        self.talking += 1
        self.talks.append(self.now)

    def unanswered(self, bare: bool) -> None:
        if bare and self.bare:
            self.bare.pop()
        elif not bare and self.covered:
            self.covered -= 1
            self.free += 1

    def ends(self) -> None:
        if self.talking:
            self.talking -= 1
            self.free += 1

    def passes(self, seconds: float) -> None:
        """Time passes; what rings for a minute has not been answered."""
        self.now += timedelta(seconds=seconds)
        self.bare = [at for at in self.bare if at > self.now - timedelta(seconds=60)]

    def bounded(self) -> bool:
        """Whether at the last drop not too many had been dropped within a day."""
        if not self.drops:
            return True
        at = self.drops[-1]
        drops = sum(at - WINDOW < one <= at for one in self.drops)
        talks = sum(at - WINDOW < one <= at for one in self.talks)
        return 100 * drops <= 3 * (drops + talks)


class Predictive(RuleBasedStateMachine):
    """Everything may happen at any time, agents who go to other work included."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Mode.PREDICTIVE)
        # A campaign that has been running: without that, nobody is called without an agent at all.
        for number in range(200):
            self.world.began.append(timedelta())
            if number % 2:
                self.world.answers.append(timedelta())
                self.world.talks.append(timedelta())

    @rule()
    def begins(self) -> None:
        self.world.fill()

    @rule(bare=st.booleans(), times=st.integers(1, 30))
    def answered(self, bare: bool, times: int) -> None:
        for _ in range(times):
            self.world.answered(bare)

    @rule(bare=st.booleans())
    def unanswered(self, bare: bool) -> None:
        self.world.unanswered(bare)

    @rule(times=st.integers(1, 8))
    def ends(self, times: int) -> None:
        for _ in range(times):
            self.world.ends()

    @rule(agents=st.integers(0, AGENTS))
    def agents_go(self, agents: int) -> None:
        self.world.free = min(self.world.free, agents)

    @rule(seconds=st.sampled_from([1, 30, 59, 3600, 80_000, 86_400]))
    def passes(self, seconds: int) -> None:
        self.world.passes(seconds)

    @invariant()
    def not_too_many_are_dropped(self) -> None:
        assert self.world.bounded()


TestPredictive = Predictive.TestCase


def test_progressive_calls_never_ring_without_an_agent() -> None:
    chance, world = Random(1), World(Mode.PROGRESSIVE)
    for _ in range(2000):
        world.fill()
        assert (world.bare, world.covered + world.talking) == ([], AGENTS - world.free)
        chance.choice(
            [lambda: world.answered(False), lambda: world.unanswered(False), world.ends]
        )()
    assert len(world.talks) > 100
    assert world.drops == []


@pytest.mark.proof
def test_predictive_calls_keep_agents_busier_and_drop_few() -> None:
    """A day of calls of which four in ten are answered, against the same day with agents kept."""
    talked = {}
    for mode in (Mode.PROGRESSIVE, Mode.PREDICTIVE):
        chance, world = Random(5300), World(mode)
        for _ in range(10_000):
            world.passes(1)
            world.fill()
            for bare in (True, False):
                if chance.random() < 0.3:
                    (world.answered if chance.random() < 0.4 else world.unanswered)(bare)
            if chance.random() < 0.12:
                world.ends()
            assert world.bounded()
        talked[mode] = len(world.talks)
        if mode is Mode.PREDICTIVE:
            assert len(world.drops) > 0, "the bound is tried"
            assert len(world.drops) <= 0.03 * (len(world.drops) + len(world.talks))
    assert talked[Mode.PREDICTIVE] > talked[Mode.PROGRESSIVE]


def test_automatic_calls_need_nobody() -> None:
    limits = Limits(Mode.AUTOMATIC, most=3, agents=5)
    assert may_ring_bare(limits, Load(live=2, bare=2))
    assert not may_ring_bare(limits, Load(live=3))
    assert not may_keep(limits, Load(free=9))
