"""Properties of single steps: what they ask, say and end with, in every state they are entered in."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.engine.prove.circles import reached
from ivr.engine.prove.graph import Graph, Node
from ivr.engine.prove.space import FALLBACK, Visited
from ivr.engine.prove.telling import secrets_are_kept
from ivr.engine.prove.violation import Proving, Violation
from ivr.model.codes import Code
from ivr.model.digits import STANDARD_KEYS
from ivr.model.errors import EvaluationError
from ivr.model.flow import ERROR
from ivr.ports.channel import Collect


def money_needs_its_level(proving: Proving) -> Iterator[Violation]:
    """IVR503: something is asked for which the caller has not shown enough."""
    for number, one in enumerate(proving.space.visited):
        for at, node in enumerate(one.graph.nodes if one.graph is not None else ()):
            level = node.command.level
            if level > one.state.auth:
                asked = type(node.command).__name__
                message = (
                    f"`{one.state.step}` asks {asked} at level {one.state.auth}; it needs {level}"
                )
                hint = f"write requires: {{auth: {level}}}"
                way = proving.way(number, at)
                yield Violation(
                    Code.LEVEL_TOO_LOW, one.state.flow, one.state.step, message, hint, way
                )


def hangups_are_taken(proving: Proving) -> Iterator[Violation]:
    """IVR505: a caller who is gone is asked again and again, or is nobody's."""
    for number, one in enumerate(proving.space.visited):
        lost = next(
            (
                exit_
                for exit_, following in enumerate(one.following)
                if following == FALLBACK and _gone(one, exit_)
            ),
            None,
        )
        circle = one.circle(gone=True)
        if lost is None and circle is None:
            continue
        message = f"a caller who hangs up in `{one.state.step}` is not let go"
        hint = "let a hang-up pass, or end the call"
        way = proving.way(number, circle if lost is None else ~lost)
        yield Violation(Code.HANGUP_LOST, one.state.flow, one.state.step, message, hint, way)


def _gone(one: Visited, exit_: int) -> bool:
    left = one.exit(exit_)
    return one.state.gone or (left is not None and left.gone)


def errors_are_taken(proving: Proving) -> Iterator[Violation]:
    """IVR507: a step fails, or the call reaches a limit, and no handler takes it."""
    for number, one in enumerate(proving.space.visited):
        for exit_, following in enumerate(one.following):
            if following == FALLBACK and not _gone(one, exit_) and not _own(one, exit_):
                message = f"`{one.state.step}` can fail, and no handler takes it"
                problem = one.failed.get(exit_, "")
                yield Violation(
                    Code.NOBODY_TAKES,
                    one.state.flow,
                    one.state.step,
                    f"{message}: {problem}" if problem else message,
                    _HANDLER,
                    proving.way(number, ~exit_),
                )
    yield from _limits_are_taken(proving)


_HANDLER = "write on: {error: step} in the flow's head, to a step that leads to a person"


def _limits_are_taken(proving: Proving) -> Iterator[Violation]:
    visited = proving.space.visited
    after = reached(
        proving.space.circling, lambda at: [to for to in visited[at].following if to >= 0]
    )
    lost = {
        number
        for number in after
        if visited[number].limited == FALLBACK and not visited[number].state.gone
    }
    # Handlers are sought down to the flow that the call began with: there one would take them all.
    for flow in sorted({visited[number].state.frames[0][0] for number in lost}):
        within = {n for n in lost if visited[n].state.frames[0][0] == flow}
        number = proving.cheapest(within)
        message = "a call that reaches one of its limits falls out of the flow"
        way = proving.limited_way(number)
        yield Violation(Code.NOBODY_TAKES, flow, "", message, _HANDLER, way)


def steps_do_not_fail(proving: Proving) -> Iterator[Violation]:
    """IVR508: a step fails by the flow's own mistake: an expression without a value, too many
    subflows within each other."""
    for number, one in enumerate(proving.space.visited):
        for exit_ in one.failed:
            if (
                _own(one, exit_)
                and not _gone(one, exit_)
                and not proving.node(number).target(ERROR)
            ):
                message = f"`{one.state.step}` fails: {one.failed[exit_]}"
                hint = "lead the call there only when it has what the step needs"
                target = ~exit_ if one.graph is not None else None
                yield Violation(
                    Code.STEP_FAILS,
                    one.state.flow,
                    one.state.step,
                    message,
                    hint,
                    proving.way(number, target),
                )


def _own(one: Visited, exit_: int) -> bool:
    """Whether a step failed for what the flow says, not for what the world does."""
    left = one.exit(exit_)
    error = left.error if left is not None else None
    return exit_ in one.failed and (error is None or isinstance(error, EvaluationError))


def steps_are_entered(proving: Proving) -> Iterator[Violation]:
    """IVR509: a step that no call ever comes to."""
    entered: dict[str, set[str]] = {}
    for one in proving.space.visited:
        for frame in one.state.frames:
            entered.setdefault(frame[0], set()).add(frame[1])
    for flow, steps in entered.items():
        for name in proving.flow_set.flows[flow].steps:
            if name not in steps:
                message = f"no call ever comes to `{name}`"
                hint = "lead a way there that can be gone, or delete it"
                yield Violation(Code.NEVER_ENTERED, flow, name, message, hint)


def standard_keys_stay(proving: Proving) -> Iterator[Violation]:
    """IVR510: 0, 9, * or # is not the same to every caller whom a step asks for a key, or for digits."""
    meant: dict[tuple[str, str, str, str], str] = {}
    visited = proving.space.visited
    # Where one thing is asked after the other, not all callers are asked the same first.
    staying = {str(one.state) for one in visited if one.graph is not None and one.graph.stays}
    for number, one in enumerate(visited):
        if one.graph is None or one.state.gone or str(one.state) in staying:
            continue
        for at, meanings in _meanings(one.graph):
            for key, means in meanings.items():
                here = (one.state.flow, one.state.step, key, _kind(one.graph, at))
                usual = meant.setdefault(here, means)
                if means != usual:
                    message = f"{key} in `{one.state.step}` means {means} to some callers, {usual} to others"
                    hint = "0, 9, * and # stay the same in every variant of a menu"
                    way = proving.way(number, at)
                    yield Violation(
                        Code.KEYS_MOVE, one.state.flow, one.state.step, message, hint, way
                    )


def _meanings(graph: Graph) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the first questions of a step, each with what the standard keys mean there."""
    waiting = [graph.begins] if graph.begins >= 0 else []
    seen = set(waiting)
    while waiting:
        number = waiting.pop()
        node = graph.nodes[number]
        if node.command.asks_caller:
            yield number, dict(_means(graph, node))
            continue
        following = {branch.target for branch in node.branches if branch.target >= 0} - seen
        seen |= following
        waiting.extend(following)


def _first(node: Node) -> Node:
    """Return the moment at which a question is asked first."""
    return node if node.question is None else node.question.nodes[node.question.begins]


def _kind(graph: Graph, at: int) -> str:
    """Return what is asked for: in an entry of digits, 0 and 9 are two of them, and * clears it."""
    command = _first(graph.nodes[at]).command
    return type(command.grammar).__name__ if isinstance(command, Collect) else ""


def _means(graph: Graph, node: Node) -> Iterator[tuple[str, str]]:
    asked = _first(node)
    outer = {branch.way: branch.target for branch in node.branches}
    for branch in asked.branches:
        if branch.answer.keys not in tuple(STANDARD_KEYS):
            continue
        target = branch.target
        if node.question is not None and target < 0:
            target = outer[~target]
            own = False
        else:
            own = node.question is not None
        if branch.answer.failure:
            yield branch.answer.keys, "nothing"
        elif own and target >= 0:
            yield branch.answer.keys, "the same again"
        else:
            yield branch.answer.keys, _comes_to(graph, target)


def _comes_to(graph: Graph, target: int) -> str:
    """Return the one outcome that a key leads to without asking the caller anything more, if one."""
    waiting, seen, found = [target], {target}, set[str]()
    while waiting:
        number = waiting.pop()
        if number < 0:
            found.add(graph.exits[~number].outcome or "the end")
        elif graph.nodes[number].command.asks_caller:
            return "more"
        else:
            following = {branch.target for branch in graph.nodes[number].branches} - seen
            seen |= following
            waiting.extend(following)
    return found.pop() if len(found) == 1 else "more"


PROPERTIES = (
    money_needs_its_level,
    secrets_are_kept,
    hangups_are_taken,
    errors_are_taken,
    steps_do_not_fail,
    steps_are_entered,
    standard_keys_stay,
)
