"""Contacts of campaigns: what leads from state to state.

    review ──approved──▶ ready ──begun──▶ calling ──over──▶ ready | done | failed | barred
                                  expired, where its days have passed; barred, where they want no calls

A contact is `calling` while its latest call is not known to be over. What that call has led to (`heard`,
`outcome`) is taken down while it lasts and decides where the contact goes once it is over; what an agent
says of it later (a disposition) decides again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from ivr.model.campaigns import CampaignDocument, CampaignKind, Stage, Then
from ivr.ports.campaigns import Contact, ContactState, Heard, Listed, Scope

LOCKOUT = timedelta(hours=72)
"""How long nobody is called again who answered and found no agent."""
DROPPED = "dropped"
CUT = "cut"
"""Whoever answered hung up, or pressed nothing, before they said who they are."""
_TRY_AGAIN = {"busy", "no_answer", "failed", CUT}
_FAILED = "failed"


def listed(
    id_: int, line: Listed, telephone: str, campaign: CampaignDocument, now: datetime
) -> Contact:
    """Return a contact as it begins."""
    stage = campaign.first_stage
    return Contact(
        id=id_,
        campaign=campaign.campaign,
        number=line.number,
        telephone=telephone,
        language=line.language or campaign.languages[0],
        not_before=now,
        until=now + timedelta(days=campaign.days),
        customer=line.customer,
        zone=line.zone,
        amount=line.amount,
        reference=line.reference,
        state=ContactState.REVIEW if stage is Stage.REVIEW else ContactState.READY,
        stage=stage,
    )


def approved(contact: Contact) -> Contact | None:
    """Let it be called; None where nobody was to look at it."""
    if contact.state is not ContactState.REVIEW:
        return None
    return replace(contact, state=ContactState.READY, stage=Stage.CALL)


def begun(contact: Contact, attempt: str, now: datetime) -> Contact | None:
    """Begin a call; None where it is not its time."""
    if contact.state is not ContactState.READY or not contact.not_before <= now < contact.until:
        return None
    return replace(
        contact,
        state=ContactState.CALLING,
        attempts=contact.attempts + 1,
        attempt=attempt,
        heard=None,
        agent="",
        outcome="",
        note="",
    )


def over(
    contact: Contact, result: str, campaign: CampaignDocument, now: datetime
) -> Contact | None:
    """Its call is over: it was not answered (`busy`, `no_answer`, `failed`), dropped, or talked in, and
    then what was taken down counts. None where it is not being called."""
    if contact.state is not ContactState.CALLING:
        return None
    if contact.heard in (Heard.WRONG, Heard.NEVER):
        return replace(contact, state=ContactState.BARRED, note=contact.heard.value)
    if result == DROPPED:
        return _again(replace(contact, note=result), now + LOCKOUT)
    if contact.outcome:
        return concluded(contact, contact.outcome, campaign, now)
    if contact.heard is Heard.RIGHT:
        return replace(contact, state=ContactState.DONE, note="talked")
    waits = campaign.between()[result if result in _TRY_AGAIN else _FAILED]
    contact = replace(contact, note=result)
    if contact.attempts >= campaign.attempts:
        return replace(contact, state=ContactState.FAILED)
    return _again(contact, now + timedelta(milliseconds=waits))


def concluded(
    contact: Contact,
    outcome: str,
    campaign: CampaignDocument,
    now: datetime,
    at: datetime | None = None,
) -> Contact:
    """Go where an outcome leads. `at` is the time that was agreed: of the next call, or an appointment.
    A name that the campaign does not know ends it. Whoever wants no calls stays alone."""
    then = campaign.outcomes.get(outcome, Then())
    contact = replace(contact, outcome=outcome)
    if contact.state is ContactState.BARRED:
        return contact
    if then.stage is not None:
        contact = replace(contact, stage=Stage(then.stage))
    if contact.stage is Stage.APPOINTMENT:
        return replace(contact, state=ContactState.DONE, at=at)
    if then.again is None and at is None:
        return replace(contact, state=ContactState.DONE)
    after = at or now + timedelta(milliseconds=then.again or 0)
    # What was agreed with the customer is a new start: neither days nor attempts are used up.
    until = max(contact.until, after + timedelta(days=campaign.days))
    return replace(
        contact, state=ContactState.READY, not_before=after, until=until, attempts=0, at=at
    )


def put_off(contact: Contact, to: datetime) -> Contact:
    """Call no earlier than `to`."""
    return _again(contact, to)


def barred(contact: Contact, why: str) -> Contact:
    """Call them no more."""
    return replace(contact, state=ContactState.BARRED, note=why)


def scope_of(kind: CampaignKind) -> Scope:
    """Return what calls somebody wants no more of who says so in one of a campaign's."""
    asks = kind in (CampaignKind.SALES, CampaignKind.SURVEY)
    return Scope.SALES if asks else Scope.ALL


def bars(scope: Scope, kind: CampaignKind) -> bool:
    """Whether who wants no calls of a scope is not called for this."""
    return scope is Scope.ALL or scope_of(kind) is Scope.SALES


def _again(contact: Contact, to: datetime) -> Contact:
    if to >= contact.until:
        return replace(contact, state=ContactState.EXPIRED)
    return replace(contact, state=ContactState.READY, not_before=to)
