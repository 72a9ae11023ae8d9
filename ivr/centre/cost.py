"""What callers pay for what they ring for: keys pressed and time spent on the way to it.

A call is an absorbing Markov chain: from state to state with certain probabilities, until it is over.
Some states are *leaves*: what callers ring for (an agent, a balance, to be done). An *errand* begins
with the call, or when the caller has been to a leaf, and ends at the next leaf. With b(t) the
probability that a call begins in t, p(s, t) that it goes from s to t, and c(s, t) what that takes:

    visits  v(t) = b(t) + Σ v(s)·p(s, t)                            (so v = b·N with N = (I − P)⁻¹)
    spent   w(t) = Σ (v(s)·c(s, t) + w(s)·[s is no leaf])·p(s, t)
    the mean cost of an errand that ends at the leaf t = w(t) / v(t)

v are the expected visits by the fundamental matrix N of Kemeny and Snell, *Finite Markov Chains*
(1960), theorem 3.2.4; w is the same equation once more, for what was spent since the errand began,
which begins anew at each leaf. So the leaves' visits times their costs, together with what is spent
after the last leaf, are the mean cost of a call.

Both systems are solved exactly (up to rounding), by elimination of one state after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from ivr.model.errors import OneCallError

S = TypeVar("S", bound=Hashable)
L = TypeVar("L", bound=Hashable)

_CERTAIN = 1 - 1e-12


class Endless(OneCallError):
    """Callers never get out of some steps, so that what they pay has no bound."""


class Move(msgspec.Struct, Generic[S], frozen=True):
    """From one state to `target`, or out of the call (None), with a weight among the state's moves;
    it takes so many keys and so long."""

    target: S | None
    weight: float = 1
    keys: float = 0
    ms: float = 0


class Chain(msgspec.Struct, Generic[S, L], frozen=True):
    """Calls. They begin in `begin` by weight; `leaves` are the states that end an errand, by the name
    of the leaf, which several states may share."""

    begin: Mapping[S, float]
    moves: Mapping[S, Sequence[Move[S]]]
    leaves: Mapping[S, L]


class Cost(msgspec.Struct, frozen=True):
    """How often a call comes to a leaf, and what an errand that ends there takes, on average."""

    visits: float
    keys: float
    ms: float


def costs(chain: Chain[S, L]) -> dict[L, Cost]:
    """Return what each leaf that calls come to costs. Raises Endless."""
    chances = {state: _chances(moves) for state, moves in chain.moves.items()}
    visits = solve(_shares(chain.begin), chances)
    keys = _spent(chain, visits, chances, lambda move: move.keys)
    ms = _spent(chain, visits, chances, lambda move: move.ms)
    together: dict[L, list[S]] = {}
    for state, leaf in chain.leaves.items():
        if visits.get(state):
            together.setdefault(leaf, []).append(state)
    found = {}
    for leaf, states in together.items():
        often = sum(visits[state] for state in states)
        pressed, spent = (sum(one.get(state, 0) for state in states) for one in (keys, ms))
        found[leaf] = Cost(often, pressed / often, spent / often)
    return found


def _spent(
    chain: Chain[S, L],
    visits: Mapping[S, float],
    chances: Mapping[S, Mapping[S, float]],
    price: Callable[[Move[S]], float],
) -> dict[S, float]:
    """Return w of the module's formula for one kind of cost."""
    begin: dict[S, float] = {}
    for state, moves in chain.moves.items():
        total = sum(move.weight for move in moves)
        for move in moves:
            if move.target is not None:
                share = visits.get(state, 0) * move.weight / total
                begin[move.target] = begin.get(move.target, 0) + share * price(move)
    going_on = {state: to for state, to in chances.items() if state not in chain.leaves}
    return solve(begin, going_on)


def _chances(moves: Sequence[Move[S]]) -> dict[S, float]:
    """Return with which probability a state leads to each other one."""
    total = sum(move.weight for move in moves)
    found: dict[S, float] = {}
    for move in moves:
        if move.target is not None:
            found[move.target] = found.get(move.target, 0) + move.weight / total
    return found


def _shares(weights: Mapping[S, float]) -> dict[S, float]:
    total = sum(weights.values())
    return {state: weight / total for state, weight in weights.items()}


def solve(begin: Mapping[S, float], chances: Mapping[S, Mapping[S, float]]) -> dict[S, float]:
    """Return v with v(t) = begin(t) + Σ v(s)·chances(s, t), for each state.

    States are taken out one by one, those with the fewest ways first: what led through one leads past
    it then. Afterwards each is computed from those that were taken out later. Raises Endless when
    some states lead nowhere else.
    """
    out: dict[S, dict[S, float]] = {state: dict(to) for state, to in chances.items()}
    back: dict[S, dict[S, float]] = {}
    for state, to in out.items():
        for target, chance in to.items():
            back.setdefault(target, {})[state] = chance
    rest = dict(begin)
    states = dict.fromkeys([*out, *back, *rest])
    order = sorted(states, key=lambda state: len(out.get(state, ())) * len(back.get(state, ())))
    solved: list[tuple[S, float, float, dict[S, float]]] = []
    for state in order:
        solved.append((state, *_take_out(state, out, back, rest)))
    found: dict[S, float] = {}
    for state, own, again, sources in reversed(solved):
        found[state] = (own + sum(found[s] * chance for s, chance in sources.items())) * again
    return found


def _take_out(
    state: S, out: dict[S, dict[S, float]], back: dict[S, dict[S, float]], rest: dict[S, float]
) -> tuple[float, float, dict[S, float]]:
    """Lead all ways through a state past it; return what its own value is made of."""
    targets, sources, own = out.pop(state, {}), back.pop(state, {}), rest.get(state, 0.0)
    stay = targets.pop(state, 0.0)
    sources.pop(state, None)
    if stay >= _CERTAIN:
        raise Endless(f"callers never get out of {state}")
    again = 1 / (1 - stay)
    for target, chance in targets.items():
        del back[target][state]
        rest[target] = rest.get(target, 0.0) + own * again * chance
        for source, before in sources.items():
            past = out[source].get(target, 0.0) + before * again * chance
            out[source][target] = back[target][source] = past
    for source in sources:
        del out[source][state]
    return own, again, sources
