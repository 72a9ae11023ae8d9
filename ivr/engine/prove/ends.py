"""Properties of whole ways: every way ends, none goes round by itself, help is never far."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from ivr.engine.prove.circles import circles, reached
from ivr.engine.prove.help import NEVER
from ivr.engine.prove.space import END, Visited
from ivr.engine.prove.states import State
from ivr.engine.prove.violation import Proving, Violation
from ivr.model.codes import Code
from ivr.model.flow import is_service_code


def every_way_ends(proving: Proving) -> Iterator[Violation]:
    """IVR501: from a state no way leads to the end, whatever the caller does but hanging up."""
    visited = proving.space.visited
    before: list[list[int]] = [[] for _ in visited]
    ending: list[int] = []
    for number, one in enumerate(visited):
        for following, _ in _ordinary(one):
            if following == END:
                ending.append(number)
            elif following >= 0:
                before[following].append(number)
    lost = set(range(len(visited))) - reached(ending, before.__getitem__)
    lost -= {number for number in lost if visited[number].state.gone or _falls(visited[number])}
    forth = {n: [to for to, _ in _ordinary(visited[n]) if to in lost] for n in lost}
    for part in circles(len(visited), lambda number: forth.get(number, ())):
        if all(to in part for number in part for to in forth[number]):
            number = proving.cheapest(part)
            state = visited[number].state
            message = f"from `{state.step}` no call comes to an end but by hanging up"
            hint = "lead an edge of the circle to a hangup, a person or a message"
            yield Violation(Code.NO_END, state.flow, state.step, message, hint, proving.way(number))


def _ordinary(one: Visited) -> Iterator[tuple[int, int]]:
    """Yield where a state leads, and by which exit, but for hanging up."""
    for exit_, following in enumerate(one.following):
        left = one.exit(exit_)
        if left is None or not left.hangs_up:
            yield following, exit_


def _falls(one: Visited) -> bool:
    return all(following < 0 for following, _ in _ordinary(one))


def nothing_goes_round(proving: Proving) -> Iterator[Violation]:
    """IVR506: a call goes round while the caller does nothing at all (or is gone)."""
    visited = proving.space.visited
    for part in circles(len(visited), lambda number: list(_idly(visited[number]))):
        number = proving.cheapest(part)
        state = visited[number].state
        round_ = sorted({str(visited[one].state) for one in part})
        message = f"a call goes round without its caller: {', '.join(round_)}"
        hint = "lead an edge of the circle elsewhere: silence to a person, or to the end"
        yield Violation(Code.GOES_ROUND, state.flow, state.step, message, hint, proving.way(number))
    for number, one in enumerate(visited):
        circle = one.circle(gone=False)
        if circle is not None:
            message = f"`{one.state.step}` asks the same again and again"
            hint = "a step must end after some tries"
            way = proving.way(number, circle)
            yield Violation(Code.GOES_ROUND, one.state.flow, one.state.step, message, hint, way)


def _idly(one: Visited) -> Iterator[int]:
    """Yield the states that follow without the caller, or a person, having done anything."""
    for exit_, following in enumerate(one.following):
        idle = one.state.gone or one.graph is None or ~exit_ in one.graph.idle
        if following >= 0 and idle and exit_ not in one.helped:
            yield following


def help_is_near(proving: Proving) -> Iterator[Violation]:
    """IVR502: from a question, a beginning or a handler, help is too far. Where the way to it breaks
    off at a step that may help, that step is told of, not each question before it."""
    breaks = _Breaks(proving)
    for number, violation in _far_ones(proving):
        yield breaks.before(number) or violation


def _came_to_us(proving: Proving, state: State) -> bool:
    """Whether the call is a caller's, and not to a service code."""
    numbers = proving.flow_set.flows[state.frames[0][0]].numbers
    return not numbers or not all(map(is_service_code, numbers))


def _far_ones(proving: Proving) -> Iterator[tuple[int, Violation]]:
    visited = proving.space.visited
    handlers = {one.limited for one in visited if not one.state.gone and one.limited >= 0}
    for number in sorted({*proving.space.begins, *handlers}):
        far = proving.help.distances[number][-1]
        state = visited[number].state
        if not state.gone and _came_to_us(proving, state) and far > proving.within_ms:
            yield number, _far(proving, number, far)
    for number, one in enumerate(visited):
        if one.state.gone or one.state.helped or not _came_to_us(proving, one.state):
            continue
        if proving.node(number).step.parting:
            continue
        worst = max(proving.help.questions(number), key=lambda q: q.distance[-1], default=None)
        if worst is not None and worst.distance[-1] > proving.within_ms:
            yield number, _far(proving, number, worst.distance[-1], worst.node, worst.inner)


def _far(
    proving: Proving, number: int, far: float, node: int | None = None, inner: int | None = None
) -> Violation:
    state = proving.space.visited[number].state
    where = f"from `{state.step}`"
    failures, seconds = proving.failures, proving.within_ms / 1000
    if far == NEVER:
        message = (
            f"{where} no person and no promised call back is certain within {failures} failures"
        )
    else:
        message = f"{where} a person or a promised call back is {far / 1000:.0f} s away, not {seconds:g} s"
    led = "it" if node is None else "0, silence and wrong keys"
    hint = f"lead {led} to a person, or to a `record` step"
    return Violation(
        Code.NO_PERSON, state.flow, state.step, message, hint, proving.way(number, node, inner)
    )


class _Breaks:
    """Where ways to help break off: at steps that may help, but may also end without, and then nothing
    on the way can help any more."""

    def __init__(self, proving: Proving) -> None:
        self._proving = proving
        visited, distances = proving.space.visited, proving.help.distances
        never = {number for number, far in enumerate(distances) if far[-1] == NEVER}
        before: list[list[int]] = [[] for _ in visited]
        for number, one in enumerate(visited):
            for following in one.following:
                if following >= 0:
                    before[following].append(number)
        helping = [number for number, one in enumerate(visited) if one.helped]
        self._hopeful = reached(helping, before.__getitem__)
        self._nearest = {one: one for one in never.intersection(helping) if self._lost(one)}
        waiting = deque(self._nearest)
        while waiting:
            number = waiting.popleft()
            for earlier in never.intersection(before[number]) - self._nearest.keys():
                self._nearest[earlier] = self._nearest[number]
                waiting.append(earlier)

    def before(self, number: int) -> Violation | None:
        """Return what is wrong at the nearest such step that a state without help leads to."""
        proving = self._proving
        if number not in self._nearest:
            return None
        at = self._nearest[number]
        state, lost = proving.space.visited[at].state, self._lost(at)
        names = ", ".join(f"`{name}`" for name in lost)
        message = (
            f"`{state.step}` may end with {names}, and then no person and no promised call back "
            "is near any more"
        )
        hint = f"lead {names} to a `record` step, or to another person"
        way = proving.way(at, ~min(lost.values()))
        where = tuple(f"on.{name}" for name in lost)
        return Violation(Code.NO_PERSON, state.flow, state.step, message, hint, way, where)

    def _lost(self, number: int) -> dict[str, int]:
        """Return the outcomes of a step that leave no hope, though the caller did nothing, with the
        exits."""
        one = self._proving.space.visited[number]
        if one.graph is None:
            return {}
        return {
            left.outcome: exit_
            for exit_, left in enumerate(one.graph.exits)
            if left.outcome is not None
            and exit_ not in one.helped
            and ~exit_ in one.graph.idle
            and one.following[exit_] not in self._hopeful
        }


PROPERTIES = (every_way_ends, nothing_goes_round, help_is_near)
