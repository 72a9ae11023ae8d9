"""Callbacks: what leads where, and the laws that hold whatever happens to telephones and engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from ivr.centre import callbacks
from ivr.centre.callbacks import Trying
from ivr.ports.callbacks import Callback, Place, Purpose, State, Wanted

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TRYING = Trying(attempts=3, retry=timedelta(minutes=10))
RING = timedelta(seconds=30)
EXPIRY = timedelta(hours=1)
PLACE = Place(NOW - timedelta(minutes=4), 300, 60, {"segment": "vip"})


def kept(**changed: object) -> Callback:
    wanted = Wanted("17.1", "service", "13800001111", "zh", "C1001")
    return replace(callbacks.kept(wanted, PLACE, NOW, NOW, EXPIRY), **changed)


def test_a_callback_has_the_callers_place_and_what_they_were_told() -> None:
    callback = kept()
    assert callback.entered == NOW - timedelta(minutes=4)
    assert callback.due == NOW + timedelta(minutes=5)
    assert callback.until == NOW + EXPIRY
    assert (callback.priority, callback.facts) == (60, {"segment": "vip"})
    assert (callback.state, callback.purpose) == (State.KEPT, Purpose.QUEUE)


def test_out_of_hours_it_is_promised_for_when_customers_may_be_called() -> None:
    wanted = Wanted("17.1", "service", "13800001111", "zh")
    opens = NOW + timedelta(minutes=30)
    assert callbacks.kept(wanted, PLACE, NOW, opens, EXPIRY).due == opens


def test_a_scheduled_one_comes_when_its_window_begins_and_is_promised_by_its_end() -> None:
    window = NOW + timedelta(hours=3), NOW + timedelta(hours=4)
    callback = callbacks.scheduled("s-1", "loans", "13800001111", "en", window, "Li Na")
    assert (callback.entered, callback.not_before, callback.due) == (window[0], *window)
    assert callback.window_from == window[0]
    assert callback.until == window[1] + callbacks.LATE
    assert callbacks.attempted(callback, "a", NOW) is None


def test_who_is_missed_is_tried_again_later_and_three_times_in_all() -> None:
    callback, now = kept(), NOW
    for number in (1, 2, 3):
        begun = callbacks.attempted(callback, f"a-{number}", now)
        assert begun is not None
        assert (begun.state, begun.attempts) == (State.ATTEMPTED, number)
        missed = callbacks.missed(begun, TRYING, now)
        assert missed is not None
        callback = missed
        assert callbacks.attempted(callback, "early", now) is None
        now += TRYING.retry
    assert callback.state is State.FAILED


def test_what_cannot_be_tried_again_in_time_has_expired() -> None:
    late = NOW + EXPIRY - timedelta(minutes=1)
    begun = callbacks.attempted(kept(), "a-1", late)
    assert begun is not None
    missed = callbacks.missed(begun, TRYING, late)
    assert missed is not None
    assert missed.state is State.EXPIRED


def test_who_is_reached_and_bridged_is_never_rung_again() -> None:
    begun = callbacks.attempted(kept(), "a-1", NOW)
    assert begun is not None
    assert callbacks.bridged(begun) is None
    reached = callbacks.reached(begun)
    assert reached is not None
    bridged = callbacks.bridged(reached)
    assert bridged is not None
    assert callbacks.missed(bridged, TRYING, NOW) is None
    assert callbacks.ended(bridged, State.CANCELLED) is None


class Telephones(RuleBasedStateMachine):
    """A callback, the telephones of the world, and an engine that may forget and be cut off.

    `live` are the attempts whose telephone rings or is off the hook, with when it stops ringing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.callback = kept()
        self.live: dict[str, datetime | None] = {}
        self.rung: list[datetime] = []
        self.over: State | None = None

    @rule(seconds=st.sampled_from([1, 20, 45, 601, 1800]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.live = {
            one: until for one, until in self.live.items() if until is None or until > self.now
        }

    @rule(known=st.booleans())
    def is_its_turn(self, known: bool) -> None:
        """The engine rings, and is killed right after it has written so, or is cut off (not known)."""
        attempt = f"a-{self.callback.attempts + 1}"
        begun = callbacks.attempted(self.callback, attempt, self.now)
        if begun is not None:
            self.callback = begun
            self.live[attempt] = self.now + RING
            self.rung.append(self.now)
        elif known:
            self._take(callbacks.lapsed(self.callback, self.now))

    @precondition(lambda self: self.live)
    @rule(wants=st.booleans())
    def answers(self, wants: bool) -> None:
        (attempt,) = self.live
        self.live[attempt] = None
        if wants:
            self._take(callbacks.reached(self.callback))

    @precondition(lambda self: self.callback.state is State.REACHED)
    @rule()
    def talks(self) -> None:
        self._take(callbacks.bridged(self.callback))

    @precondition(lambda self: self.live)
    @rule(seen=st.booleans())
    def hangs_up(self, seen: bool) -> None:
        self.live.clear()
        if seen:
            self._take(callbacks.missed(self.callback, TRYING, self.now))

    @rule()
    def looks(self) -> None:
        """The engine looks after its attempt, as after a restart: only Asterisk knows."""
        under_way = self.callback.state in (State.ATTEMPTED, State.REACHED)
        if under_way and not callbacks.leased(self.callback, RING, self.now) and not self.live:
            self._take(callbacks.missed(self.callback, TRYING, self.now))

    @rule(how=st.sampled_from([State.CANCELLED, State.REPLACED]))
    def is_ended(self, how: State) -> None:
        self._take(callbacks.ended(self.callback, how))

    def _take(self, callback: Callback | None) -> None:
        if callback is not None:
            self.callback = callback
            if not callback.state.open:
                assert self.over is None, "what is over stays so"
                self.over = callback.state

    @invariant()
    def never_more_than_one_telephone_call(self) -> None:
        assert len(self.live) <= 1

    @invariant()
    def never_too_often_nor_at_a_wrong_time(self) -> None:
        assert len(self.rung) == self.callback.attempts <= TRYING.attempts
        assert all(at < self.callback.until for at in self.rung)
        gaps = zip(self.rung, self.rung[1:], strict=False)
        assert all(later - earlier >= TRYING.retry for earlier, later in gaps)

    @invariant()
    def what_is_over_stays_so(self) -> None:
        assert self.over in (None, self.callback.state)


TestTelephones = Telephones.TestCase
TestTelephones.settings = settings(max_examples=60, stateful_step_count=30)
