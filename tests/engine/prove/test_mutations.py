"""The demo hotline with one safety edge taken away, or led astray: `check` or `prove` tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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

pytestmark = [pytest.mark.proof, pytest.mark.timeout(600)]

WITHIN_MS = 120_000
IDLE = ("no_input", "timeout", "full", "empty", "unavailable", "refused")
"""Outcomes that come without the caller doing anything."""
PERSON = "0"


@pytest.fixture(scope="module")
def names() -> Known:
    prompts = FLOWS.parent / "prompts"
    return known(Config(prompts=prompts), load_catalogue(prompts))


def prove(files: dict[str, str]) -> Proved:
    return proved(load_files(files), within_ms=WITHIN_MS, steps=1000)


def missed(mutants: Iterable[Mutant], names: Known) -> Iterator[Mutant]:
    """Yield the mutants in which `check` finds nothing."""
    for mutant in mutants:
        loaded = try_load_files(mutant.files())
        if not loaded.problems and not check(loaded.sound, names, loaded.broken):
            yield mutant


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


def test_the_demo_is_proved(names: Known) -> None:
    loaded = try_load_files(dict(FILES))
    # Else every mutant would be told of, for what is wrong without it.
    assert not loaded.problems
    assert not check(loaded.sound, names, loaded.broken)
    assert prove(dict(FILES)).violations == ()


def test_whatever_is_taken_away_is_told_or_replaced(names: Known) -> None:
    every = list(removals())
    assert len(every) > 90
    flows = load_files(dict(FILES))
    for mutant in missed(every, names):
        told = prove(mutant.files()).violations
        # What is replaced must leave every promise as it was: then there is nothing to tell.
        assert bool(told) is not replaced(mutant, flows), (str(mutant), told)


def test_no_edge_that_a_silent_caller_takes_may_lead_back(names: Known) -> None:
    sound = set(_taken_idly(prove(dict(FILES))))
    caught = 0
    for mutant in missed((one for one in detours() if one.path[-1] in IDLE), names):
        flow, step, outcome = mutant.file.removesuffix(".yaml"), mutant.path[1], mutant.path[-1]
        told = bool(prove(mutant.files()).violations)
        assert told is ((flow, step, outcome) in sound), str(mutant)
        caught += told
    assert caught >= 8  # of these `check` finds none


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
