"""Cases that others open: the ledger's of orders of unknown result, and promised calls that failed."""

from __future__ import annotations

from ivr.app.cases.book import Book
from ivr.ports.callbackbook import CallbackBook
from ivr.ports.callbacks import Callback, Purpose, State
from ivr.ports.cases import Case, CaseFilter, CaseRecord, Cases, CaseState, Link, LinkKind, NewCase

ORDERS, CALLBACKS = "orders", "callbacks"
"""Who opens such cases."""
UNKNOWN, MISSED = "unknown_order", "missed-callback"
"""Their kinds; requests by telephone have the kinds of their order types."""
_UNREACHED = (State.FAILED, State.EXPIRED)
"""How a promised call ends whose customer was never reached."""


class Taking:
    """Takes such cases in. Every method may be repeated, and raises PortError."""

    def __init__(self, book: Book, orders: Cases, callbacks: CallbackBook) -> None:
        self._book = book
        self._orders = orders
        self._callbacks = callbacks
        self._known: set[str] = set()

    async def orders(self) -> None:
        """Take in what the ledger has opened, and close what it has closed."""
        # The book first: what another engine takes in meanwhile is not in it, and not closed by mistake.
        open_ones = await self._book.find(CaseFilter(kind=UNKNOWN))
        listed = {f"order:{case.number}": case for case in await self._orders.list_open()}
        for key, case in listed.items():
            await self._open(_of_order(key, case))
        for known in open_ones:
            if known.opened_by == ORDERS and known.key not in listed:
                await self._settle(known)

    async def callbacks(self) -> None:
        """Open a case for each promised call that did not reach its customer."""
        for callback in await self._callbacks.find(True):
            if callback.purpose is Purpose.QUEUE and callback.state in _UNREACHED:
                await self._open(_of_callback(callback))

    async def _open(self, new: NewCase) -> None:
        if new.key not in self._known:
            await self._book.open(new)
            self._known.add(new.key)

    async def _settle(self, case: CaseRecord) -> None:
        """Close the case of an order whose result is known by now: the ledger has it sent to the
        customer."""
        what = "the result of the order is known, and the customer is sent it"
        if case.answered_at is None:
            await self._book.answer(case.number, ORDERS, what)
        if case.state is CaseState.OPEN:
            await self._book.solve(case.number, ORDERS, what)
        await self._book.finish(case.number, ORDERS)


def _of_order(key: str, case: Case) -> NewCase:
    return NewCase(
        key=key,
        kind=case.kind,
        by=ORDERS,
        customer=case.customer,
        links=(Link(LinkKind.ORDER, case.about),) if case.about else (),
        facts=case.facts,
        owner=case.owner,
        number=case.number,
    )


def _of_callback(callback: Callback) -> NewCase:
    return NewCase(
        key=f"callback:{callback.id}",
        kind=MISSED,
        by=CALLBACKS,
        customer=callback.customer,
        ani=callback.number,
        language=callback.language,
        links=(Link(LinkKind.CALLBACK, callback.id), Link(LinkKind.CALL, callback.id)),
        facts={"queue": callback.queue, "attempts": str(callback.attempts), "why": callback.note},
    )
