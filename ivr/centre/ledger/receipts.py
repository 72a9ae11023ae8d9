"""What the customer is sent when something has become of an order."""

from __future__ import annotations

from ivr.model.values import Scalar
from ivr.ports.ledger import OrderRecord
from ivr.ports.notify import Notice
from ivr.ports.orders import OrderState

RESULTS = (OrderState.POSTED, OrderState.REJECTED, OrderState.UNKNOWN)


def receipt(before: OrderState, record: OrderRecord) -> Notice:
    """Return the message about a result: one a result and order, however often it is asked for.

    Who was told that it is unknown is told what has become of it after all.
    """
    order = record.order
    if record.said is not None and record.said.task.case:
        template = "case-opened"
    elif before is OrderState.UNKNOWN:
        template = f"order-resolved-{order.state}"
    else:
        template = f"order-{order.state}"
    values: dict[str, Scalar] = {
        "reference": order.reference,
        "order": order.kind,
        "amount": order.amount,
        "fee": order.fee,
        "reason": order.reason,
        "case": order.case,
    }
    key = f"{order.id}:{order.state}"
    return Notice(key, order.customer, template, record.draft.language, values)
