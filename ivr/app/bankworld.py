"""What the demo bank answers, as a proof needs to know it: its counter-examples then run in the
simulator, whose bank it is."""

from __future__ import annotations

import msgspec

from ivr.adapters.bank.demo import ACCOUNTS, BRANCHES, CUSTOMERS, HOLDINGS, PHONES, SHARED_PHONE
from ivr.model.secret import Secret
from ivr.model.world import Known
from ivr.ports.bank import (
    Branch,
    GetBalance,
    GetBranch,
    GetProducts,
    Identify,
    PinAnswer,
    PinResult,
    VerifyPin,
)


class BankWorld(msgspec.Struct, frozen=True):
    """What is worth keying, and what is answered to whom (see `ivr.model.world.World`)."""

    entries: tuple[str, ...]
    secrets: tuple[str, ...]
    known: tuple[Known, ...]


def demo_bank() -> BankWorld:
    """Return what the demo bank knows: a customer of each kind, a branch, and nothing else."""
    customers = {one.number: one for one in CUSTOMERS}
    known: list[Known] = []
    for account in ACCOUNTS:
        right = PinAnswer(PinResult.RIGHT, customers[account.customer])
        known.append(Known(VerifyPin(account.number, Secret(account.pin), ""), right))
        known.append(Known(GetBalance(account.number), account.balance))
    known.append(Known(VerifyPin("", Secret(""), ""), PinAnswer(PinResult.WRONG)))
    branch = BRANCHES[-1]
    opens, closes = branch.hours[0]
    known.append(
        Known(GetBranch(branch.number, ""), Branch(branch.number, branch.name, opens, closes))
    )
    known.append(Known(GetBranch("", ""), None))
    known += [Known(Identify(""), customers[to], ani) for ani, to in PHONES if ani != SHARED_PHONE]
    known.append(Known(Identify(""), None))
    known += [Known(GetProducts(number), held) for number, held in HOLDINGS.items()]
    accounts = {account.customer: account for account in reversed(ACCOUNTS)}.values()
    return BankWorld(
        entries=(*(one.number for one in accounts), branch.number),
        secrets=tuple(one.pin for one in accounts),
        known=tuple(known),
    )
