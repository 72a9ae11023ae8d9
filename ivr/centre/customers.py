"""Who the caller is: the facts of a call about its customer.

Steps that find out who is calling set the same facts, so that flows read them the same way.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.centre.levels import IDENTIFIED
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.session import Session
from ivr.model.values import Scalar
from ivr.ports.bank import GetMatters, GetProducts
from ivr.ports.clock import Now
from ivr.ports.identity import Customer

GROUP = "customer"
"""The group of facts: `customer.number`, `customer.segment` …"""

FACTS: Mapping[str, str] = {
    f"{GROUP}.{name}": "text" for name in (*Customer.__struct_fields__, "products", "matters")
}
"""The facts that are set, with their types."""


def customer_facts(customer: Customer) -> Script[dict[str, Scalar]]:
    """Return the facts about a customer who is identified, and no more: of what is open between them
    and the bank there is nothing among them.

    `products` are one text, as `"card fund savings"`, so that a flow can ask for `'fund' in
    customer.products`. It is empty where the bank does not tell them: what depends on a product is
    then not offered.
    """
    try:
        products = yield from ask(GetProducts(customer.number))
    except PortError:
        products = ()
    return {**msgspec.structs.asdict(customer), "products": " ".join(products), "matters": ""}


def open_matters(customer: str, auth: int) -> Script[str]:
    """Return the kinds of a customer's open matters that a caller at this auth level may hear of, each
    once, the latest first, as one text: `"transfer card"`. It is empty where the bank does not tell."""
    now = yield from ask(Now())
    try:
        matters = yield from ask(GetMatters(customer, now))
    except PortError:
        matters = ()
    return " ".join(dict.fromkeys(one.kind for one in matters if one.level <= auth))


def customer_number(session: Session) -> str | None:
    """Return the number of the customer who is calling, or None while nobody is identified."""
    facts = session.facts.get(GROUP)
    if not session.reaches(IDENTIFIED) or not isinstance(facts, dict):
        return None
    number = facts.get("number")
    return number if isinstance(number, str) else None
