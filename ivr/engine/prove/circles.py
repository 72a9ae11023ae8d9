"""Circles of a graph: what leads back to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def circles(count: int, follows: Callable[[int], Iterable[int]]) -> Iterator[tuple[int, ...]]:
    """Yield the largest sets of nodes (below `count`) that all lead to each other; a node alone only
    if it leads to itself. (Tarjan's strongly connected components, without recursion.)"""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in range(count):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        working = [(root, iter(tuple(follows(root))))]
        while working:
            number, targets = working[-1]
            target = next(targets, None)
            if target is None:
                working.pop()
                if working:
                    low[working[-1][0]] = min(low[working[-1][0]], low[number])
                if low[number] == index[number]:
                    part = _popped(stack, on_stack, number)
                    if len(part) > 1 or number in follows(number):
                        yield part
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                working.append((target, iter(tuple(follows(target)))))
            elif target in on_stack:
                low[number] = min(low[number], index[target])


def _popped(stack: list[int], on_stack: set[int], until: int) -> tuple[int, ...]:
    at = stack.index(until)
    part = tuple(stack[at:])
    del stack[at:]
    on_stack.difference_update(part)
    return part


def reached(begins: Iterable[int], follows: Callable[[int], Iterable[int]]) -> set[int]:
    """Return all that some way leads to from where it begins."""
    seen = set(begins)
    waiting = list(seen)
    while waiting:
        for target in follows(waiting.pop()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
