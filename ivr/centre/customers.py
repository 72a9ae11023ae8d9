"""Who the caller is: the facts of a call about its customer.

Steps that find out who is calling set the same facts, so that flows read them the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.session import Session
from ivr.model.values import Scalar
from ivr.ports.bank import GetProducts
from ivr.ports.identity import Customer

GROUP = "customer"
"""The group of facts: `customer.number`, `customer.segment` …"""
IDENTIFIED = 1
"""The auth level of a caller whose number tells who it is."""

FACTS: Mapping[str, str] = {
    f"{GROUP}.{name}": "text" for name in (*Customer.__struct_fields__, "products")
}
"""The facts that are set, with their types."""


def customer_facts(customer: Customer) -> Script[dict[str, Scalar]]:
    """Return the facts about a customer.

    `products` are one text, as `"card fund savings"`, so that a flow can ask for `'fund' in
    customer.products`. It is empty where the bank does not tell them: what depends on a product is
    then not offered.
    """
    try:
        products = yield from ask(GetProducts(customer.number))
    except PortError:
        products = ()
    return {**msgspec.structs.asdict(customer), "products": " ".join(products)}


def customer_number(session: Session) -> str | None:
    """Return the number of the customer who is calling, or None while nobody is identified."""
    facts = session.facts.get(GROUP)
    if session.auth < IDENTIFIED or not isinstance(facts, dict):
        return None
    number = facts.get("number")
    return number if isinstance(number, str) else None
