"""What people do with a trial: begin it, raise its share, promote or abort it, ask how it ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from ivr.app.ledger import Ledger
from ivr.centre.canary import Canary
from ivr.centre.releases import Act, Entry, State, fold
from ivr.centre.releases.kinds.canary import EndCanary, Ending, RaiseCanary, StartCanary
from ivr.model.errors import OneCallError
from ivr.model.flow import FlowSet

MOST = 0.5
"""The greatest share a release is tried on: the others are what it is compared with."""

_PERCENT = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?) ?%")


class TrialError(OneCallError):
    """This cannot be tried now, or not so: why, and what to do."""


def share_of(text: str) -> float:
    """Return the share that a text like `5%` or `0.5%` means, half at most. Raises TrialError."""
    match = _PERCENT.fullmatch(text)
    share = float(match[1]) / 100 if match else 0.0
    if not 0 < share <= MOST:
        raise TrialError(f"{text!r} is no share of callers to try something on; write one like 5%")
    return share


def trial_of(state: State) -> Canary:
    """Return the trial in force. Raises TrialError without one."""
    if state.canary is None:
        raise TrialError("no canary is running; `ivr publish --canary 5% -m WHY` starts one")
    return state.canary


async def trying(ledger: Ledger, state: State, trial: StartCanary, flows: FlowSet) -> Act:
    """Return what to write down in order to try `flows` against those in force: see `begin`.

    Raises TrialError, ReleaseError, PortError.
    """
    if state.in_force is None:
        raise TrialError("nothing is in force that flows could be tried against; publish to all")
    return begin(state, trial, flows, await ledger.flows_of(state.in_force.version))


def begin(state: State, trial: StartCanary, flows: FlowSet, stable: FlowSet) -> Act:
    """Return what to write down in order to try `flows` against the `stable` ones in force.

    That is `trial`, or the raise of its share if those flows are tried already. Raises TrialError
    for what cannot be tried.
    """
    if state.canary is not None and state.canary.version == trial.version:
        return raised(state, trial.share, trial.since)
    if state.canary is not None:
        raise TrialError(
            f"canary {state.canary.number} is running; "
            "end it first: `ivr canary promote` or `ivr canary abort`"
        )
    if trial.version == stable.version:
        raise TrialError("these flows are in force already; change them, then try them")
    gone = sorted(_numbers(stable) - _numbers(flows))
    if gone:
        raise TrialError(
            f"these flows answer {', '.join(gone)} no more, and a caller who is turned away is in "
            "no statistic; give a flow that number, or publish to all at once"
        )
    return trial


def raised(state: State, share: float, now: datetime) -> RaiseCanary:
    """Return the raise of the trial's share. Raises TrialError for one that is none."""
    trial = trial_of(state)
    if share <= trial.share:
        raise TrialError(
            f"canary {trial.number} is at {100 * trial.share:g} % already, and nobody is put out of "
            "it; name a greater share, or abort it"
        )
    return RaiseCanary(share, now)


def ended(state: State, ending: Ending) -> EndCanary:
    """Return the end of the trial in force. Raises TrialError without one."""
    return EndCanary(trial_of(state).number, ending)


def _numbers(flows: FlowSet) -> set[str]:
    return {number for flow in flows.flows.values() for number in flow.numbers}


class Ended(msgspec.Struct, frozen=True):
    """How the latest trial ended: promoted or not, when, by whom and why, in words."""

    number: int
    promoted: bool
    words: str
    at: datetime
    who: str
    why: str


def latest_end(entries: Iterable[Entry]) -> Ended | None:
    """Return how the latest trial of a ledger ended, whatever ended it; None if none ever did."""
    state, found = State(), None
    for entry in entries:
        before, state = state.canary, fold([entry], state)
        if before is not None and state.canary is None:
            act = entry.act
            promoted = isinstance(act, EndCanary) and act.ending is Ending.PROMOTED
            words = act.words if isinstance(act, EndCanary) else f"ended by: {act.words}"
            found = Ended(before.number, promoted, words, entry.at, entry.who, entry.why)
    return found
