"""Bringing a set of flows into the ledger."""

from __future__ import annotations

import logging
from pathlib import Path

from ivr.adapters.flowfile import try_load
from ivr.app.flows import verified
from ivr.app.ledger import Ledger, who
from ivr.centre.releases import Act, Entry, Gate, LedgerError, Release, State
from ivr.centre.releases.kinds.publishing import Publish
from ivr.engine.check import Known
from ivr.model.errors import FlowError
from ivr.model.flow import FlowSet
from ivr.ports.releases import LedgerMoved

FIRST_START = "first start"

_LOG = logging.getLogger(__name__)


async def first_release(ledger: Ledger, folder: Path, names: Known) -> None:
    """Publish the folder if nothing ever was; of engines that start at once, one does.

    Raises FlowError with every problem, one a line; PortError.
    """
    try:
        state = await ledger.state()
    except LedgerError:
        return  # Something was published. What of it can still be run, is not decided here.
    if state.in_force is not None:
        return
    flow_set, problems = verified(try_load(folder), names)
    if flow_set is None:
        raise FlowError("\n".join(str(problem) for problem in problems))
    for problem in problems:
        _LOG.warning("%s", problem)
    act = Publish(flow_set.version, (Gate("check", True, f"{len(problems)} warnings"),))
    try:
        await ledger.append(act, why=FIRST_START, who=who(), after=state, flows=flow_set)
    except LedgerMoved:
        _LOG.info("another engine published its folder first")
    else:
        _LOG.info("published %s as the first release", folder)


async def bring(
    ledger: Ledger, act: Act, *, why: str, who: str, after: State, flows: FlowSet
) -> Entry:
    """Write down a release that was decided on in the state `after`, minutes of gates ago.

    That somebody changed opening hours meanwhile does not matter to it. Raises LedgerMoved when
    somebody changed what is in force, to come, or on trial; PortError.
    """
    now = await ledger.state()
    if (now.history, now.scheduled, now.canary) == (after.history, after.scheduled, after.canary):
        after = now
    return await ledger.append(act, why=why, who=who, after=after, flows=flows)


def warn_of_edits(folder: Path, serving: Release) -> None:
    """Warn when a folder holds other flows than those in force: editing it changes nothing."""
    if folder.is_dir() and try_load(folder).sound.version != serving.version:
        _LOG.warning(
            "the folder %s differs from release %d, which is in force; see `ivr diff`, "
            "then run `ivr publish`",
            folder,
            serving.number,
        )
