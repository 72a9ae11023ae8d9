"""The demo hotline with one safety edge taken away, or led astray: `check` or `prove` tells.

`check` is asked of every mutant. Of those in which it finds nothing, one in `SHARE` is proved, the same in
every run; each of them by `make mutants`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice

import pytest

from ivr.adapters.flowfile import load_files, try_load_files
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.app.config import Config
from ivr.app.flows import known
from ivr.engine.check import Known, check
from ivr.engine.prove import Proved
from ivr.model.flow import FlowSet
from tests.engine.prove.kit import proved
from tests.engine.prove.mutants import FILES, FLOWS, RULES, Mutant, detours, removals

pytestmark = [pytest.mark.proof, pytest.mark.timeout(1200)]

WITHIN_MS = 120_000
IDLE = ("no_input", "timeout", "full", "empty", "unavailable", "refused")
"""Outcomes that come without the caller doing anything."""
PERSON = "0"
SHARE = 1 if os.environ.get("ONECALL_MUTANTS") == "all" else 6
PARTS = 2
"""So many tests have a part of the mutants each, so that they run side by side."""


@pytest.fixture(scope="module")
def names() -> Known:
    prompts = FLOWS.parent / "prompts"
    return known(Config(prompts=prompts), load_catalogue(prompts))


@pytest.fixture(scope="module")
def sound() -> Proved:
    return prove(dict(FILES))


def prove(files: dict[str, str]) -> Proved:
    return proved(load_files(files), within_ms=WITHIN_MS, steps=1000)


def missed(mutants: Iterable[Mutant], names: Known) -> list[Mutant]:
    """Return those to be proved of the mutants in which `check` finds nothing."""
    untold = (one for one in mutants if not told(one, names))
    return list(islice(untold, 0, None, SHARE))


def told(mutant: Mutant, names: Known) -> bool:
    loaded = try_load_files(mutant.files())
    return bool(loaded.problems or check(loaded.sound, names, loaded.broken))


def replaced(mutant: Mutant, flows: FlowSet) -> bool:
    """Whether something else takes the place of what was taken away: an inherited bound; for an
    outcome that comes only if it has an edge, the key that then means nothing; for a choice, the key 0
    of the same menu, and for that key a wrong one, where it leads to the same."""
    step = flows.flows[mutant.file.removesuffix(".yaml")].steps.get(mutant.path[1])
    if mutant.path[-1] in RULES or mutant.path[-1] == "timeout":
        return True
    assert step is not None
    if mutant.path[-2] == "on":
        return mutant.path[-1] in step.step.optional
    if mutant.path[-2] != "choices":
        return False
    if mutant.path[-1] == PERSON:
        return step.edges["invalid"] == step.edges[PERSON]
    return PERSON in set(step.step.keys())


def test_the_demo_is_proved(names: Known, sound: Proved) -> None:
    loaded = try_load_files(dict(FILES))
    # Else every mutant would be told of, for what is wrong without it.
    assert not loaded.problems
    assert not check(loaded.sound, names, loaded.broken)
    assert sound.violations == ()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_is_taken_away_is_told_or_replaced(names: Known, part: int) -> None:
    every = list(removals())
    assert len(every) > 90
    flows = load_files(dict(FILES))
    tried = missed(every[part::PARTS], names)
    assert tried
    for mutant in tried:
        found = prove(mutant.files()).violations
        # What is replaced must leave every promise as it was: then there is nothing to tell.
        assert bool(found) is not replaced(mutant, flows), (str(mutant), found)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_edge_that_a_silent_caller_takes_may_lead_back(
    names: Known, sound: Proved, part: int
) -> None:
    idle = set(_taken_idly(sound))
    every = [one for one in detours() if one.path[-1] in IDLE]
    caught = 0
    for mutant in missed(every[part::PARTS], names):
        flow, step, outcome = mutant.file.removesuffix(".yaml"), mutant.path[1], mutant.path[-1]
        found = bool(prove(mutant.files()).violations)
        assert found is ((flow, step, outcome) in idle), str(mutant)
        caught += found
    assert caught  # of these `check` finds none


def _taken_idly(proof: Proved) -> Iterator[tuple[str, str, str]]:
    """Yield the edges that a call takes while its caller does nothing, in the sound demo."""
    for one in proof.space.visited:
        if one.state.gone:
            continue
        for number, left in enumerate(one.graph.exits if one.graph is not None else ()):
            if left.outcome is not None and one.graph is not None and ~number in one.graph.idle:
                yield one.state.flow, one.state.step, left.outcome
            if left.outcome is not None and len(one.state.frames) > 1:
                below = one.state.frames[-2]
                yield below[0], below[1], left.outcome
        if one.graph is not None and one.graph.exits and one.state.frames[-1][3]:
            below = one.state.frames[-2]
            yield below[0], below[1], "refused"
