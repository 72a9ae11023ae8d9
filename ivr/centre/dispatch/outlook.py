"""What is to be expected: estimated waits, who may join, who is offered to be called back."""

from __future__ import annotations

from bisect import bisect_left

from ivr.centre.dispatch.callers import Kind, Waiter
from ivr.centre.dispatch.queue import QueueState
from ivr.centre.dispatch.room import Room
from ivr.centre.dispatch.values import Estimate, Outlook
from ivr.model.queues import CallbackMode
from ivr.ports.waiting import Leaving


def position(waiter: Waiter) -> int:
    """Return the position in the queue, from 1."""
    return bisect_left(waiter.kind.queue.order, waiter.entry) + 1


def plain(kind: Kind, position: int) -> float | None:
    """Return the uncorrected estimate at a position; None where nobody serves these callers."""
    agents = kind.serving
    return kind.queue.estimator.plain(position - kind.free, agents) if agents else None


def estimate(kind: Kind, position: int) -> Estimate | None:
    """Return the estimated wait at a position; None where nobody serves these callers."""
    uncorrected = plain(kind, position)
    if uncorrected is None:
        return None
    learnt = kind.queue.estimator
    return Estimate(learnt.corrected(uncorrected), learnt.error, learnt.bias, learnt.count)


def estimate_for(room: Room, queue: QueueState) -> Estimate | None:
    """Return how long a caller would wait who joins now; None where nobody serves the queue."""
    served = max(room.kinds_of(queue), key=lambda kind: kind.serving, default=None)
    return estimate(served, len(queue.order) + 1) if served is not None else None


def refusal(kind: Kind, is_open: bool) -> Leaving | None:
    """Return why a caller may not join, if they may not. Where nobody waits, nothing overflows."""
    document = kind.queue.document
    waiting = len(kind.queue.order)
    if not is_open:
        return Leaving.CLOSED
    if kind.staff == 0 and document.empty == "leave":
        return Leaving.EMPTY
    if waiting >= document.full:
        return Leaving.FULL
    overflow = document.overflow
    if overflow is None or waiting == 0:
        return None
    expected = estimate(kind, waiting + 1)
    too_long = overflow.estimate is not None and _longer(expected, overflow.estimate)
    too_many = overflow.ratio is not None and waiting + 1 > overflow.ratio * max(kind.staff, 1)
    return Leaving.OVERFLOW if too_long or too_many else None


def offers_callback(waiter: Waiter) -> bool:
    """Whether a caller who waits is to be offered to be called back."""
    queue = waiter.kind.queue
    callbacks, watch = queue.document.callbacks, queue.watch
    if callbacks is None or waiter.caller.callback is not CallbackMode.NONE:
        return False
    threshold = callbacks.estimate
    if watch is not None and watch.on and watch.rules.callbacks is not None:
        threshold = min(threshold, watch.rules.callbacks)
    place = position(waiter)
    return place > 1 and _longer(estimate(waiter.kind, place), threshold)


def _longer(expected: Estimate | None, ms: int) -> bool:
    return expected is not None and expected.seconds * 1000 > ms


def outlook(room: Room, queue: QueueState, now: float) -> Outlook:
    """Return how a queue stands."""
    callers = [room.waiters[call_id].caller for _, _, call_id in queue.order]
    live = [caller for caller in callers if caller.callback is CallbackMode.NONE]
    kinds, watch = room.kinds_of(queue), queue.watch
    return Outlook(
        waiting=len(live),
        callbacks=len(callers) - len(live),
        longest=max((now - caller.entered for caller in live), default=0.0),
        ready=max((kind.free for kind in kinds), default=0),
        logged_in=max((kind.staff for kind in kinds), default=0),
        estimate=estimate_for(room, queue),
        predicted=watch.predicted if watch is not None else None,
        surge=watch.reason if watch is not None and watch.on else "",
    )
