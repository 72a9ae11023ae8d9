"""What people can do with a trial, and what they are told when they cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.adapters.flowfile import load_files
from ivr.app.trial import TrialError, begin, ended, raised, share_of
from ivr.centre.releases import State
from ivr.centre.releases.kinds.canary import EndCanary, Ending, RaiseCanary, StartCanary
from ivr.centre.releases.kinds.publishing import Publish
from ivr.model.flow import FlowSet
from tests.app.kit import FLOW

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def flows(text: str) -> FlowSet:
    return load_files({"main.yaml": text})


STABLE = flows(FLOW)
CANDIDATE = flows(FLOW.replace("completed", "done"))
START = StartCanary(CANDIDATE.version, share=0.05, since=MONDAY)
PUBLISHED = Publish(STABLE.version).apply(State(), 1)
RUNNING = START.apply(PUBLISHED, 2)


@pytest.mark.parametrize(
    ("text", "share"), [("5%", 0.05), ("0.5 %", 0.005), ("12.125%", 0.12125), ("50%", 0.5)]
)
def test_a_share(text: str, share: float) -> None:
    assert share_of(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["5", "0%", "51%", "100%", "-5%", "five", "", "1e1%", "5%%", "٥%"])
def test_no_share(text: str) -> None:
    with pytest.raises(TrialError, match="like 5%"):
        share_of(text)


def test_flows_are_tried_and_the_same_again_are_tried_on_more() -> None:
    assert begin(PUBLISHED, START, CANDIDATE, STABLE) is START
    later = MONDAY + timedelta(hours=1)
    more = StartCanary(CANDIDATE.version, share=0.2, since=later)
    assert begin(RUNNING, more, CANDIDATE, STABLE) == RaiseCanary(0.2, later)


def test_what_cannot_be_tried() -> None:
    other = flows(FLOW.replace("completed", "other"))
    trial = StartCanary(other.version, share=0.05, since=MONDAY)
    with pytest.raises(TrialError, match="canary 2 is running; end it first"):
        begin(RUNNING, trial, other, STABLE)
    with pytest.raises(TrialError, match="in force already"):
        begin(PUBLISHED, StartCanary(STABLE.version, share=0.05, since=MONDAY), STABLE, STABLE)
    moved = flows(FLOW.replace("95500", "95501"))
    with pytest.raises(TrialError, match="answer 95500 no more"):
        begin(PUBLISHED, StartCanary(moved.version, share=0.05, since=MONDAY), moved, STABLE)


@pytest.mark.parametrize("share", [0.05, 0.01])
def test_a_share_is_only_raised(share: float) -> None:
    with pytest.raises(TrialError, match="at 5 % already"):
        raised(RUNNING, share, MONDAY)


def test_only_a_running_trial_ends() -> None:
    assert ended(RUNNING, Ending.ABORTED) == EndCanary(2, Ending.ABORTED)
    for act in (lambda: ended(PUBLISHED, Ending.PROMOTED), lambda: raised(PUBLISHED, 0.5, MONDAY)):
        with pytest.raises(TrialError, match="no canary is running"):
            act()
