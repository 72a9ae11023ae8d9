"""What a personal menu offers, and why.

Own entries come first, each on the key of its place, 1 to 6. At most one item is promoted, on key 7,
heard before them; the full menu is on 8; what stands on 0, 9, * or # stays there. So no key changes
its meaning because something is promoted, hidden or out of date today: a key that a finger has
learnt does the same thing tomorrow. Without own entries the menu is the standard one.

Nothing is offered that needs a higher auth level than the caller has, and nobody who is not
identified is offered anything personal.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ivr.centre.levels import IDENTIFIED
from ivr.model.digits import STANDARD_KEYS
from ivr.model.profile import MOST_ENTRIES, Profile
from ivr.ports.bank import Matter

PROMOTED_KEY = "7"
FULL_MENU_KEY = "8"
FRESH = timedelta(hours=72)
"""How long after its beginning an open matter is worth a line in the menu."""


class Choice(msgspec.Struct, frozen=True):
    """A line of the full menu: its stable `id`, its `key` there.

    `level` is the auth level from which it may be spoken of; what it needs to be *done* is the
    step's own `requires`. `offered`: its condition holds in this call.
    """

    id: str
    key: str
    level: int = 0
    offered: bool = True


class Promotion(msgspec.Struct, frozen=True):
    """An administrator's rule: promote `choice` to the callers whom all of it fits.

    `segments` and `languages` name those that fit, `products` what they hold one of, `lacks` what
    they hold none of, `matter` the kind of a fresh open matter; what is empty fits everybody.
    """

    choice: str
    level: int = 0
    segments: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    matter: str = ""


class Caller(msgspec.Struct, frozen=True):
    """What is known of who calls. `products` is None when the bank could not tell."""

    auth: int = 0
    segment: str = ""
    language: str = ""
    products: Collection[str] | None = None
    matters: Sequence[Matter] = ()


class Why(enum.StrEnum):
    """Why something is in the menu, or is not."""

    OWN = "own"
    LEARNT = "learnt"
    PROMOTED = "promoted"
    MATTER = "matter"
    STANDARD = "standard"
    GONE = "gone"
    CONDITION = "condition"
    LEVEL = "level"
    NOT_IDENTIFIED = "not_identified"
    NOT_MEANT = "not_meant"
    NO_MATTER = "no_matter"
    OWN_ALREADY = "own_already"
    ANOTHER = "another"

    def words(self, language: str) -> str:
        """Return the reason in words, `zh` or `en`."""
        return _WORDS[self][language]


_WORDS: Mapping[Why, Mapping[str, str]] = {
    Why.OWN: {"en": "the caller's own entry", "zh": "客户自选"},
    Why.LEARNT: {
        "en": "the caller's own entry, moved to this key by how often it is used",
        "zh": "客户自选，按使用次数调整到此键",
    },
    Why.PROMOTED: {"en": "promoted to callers like this one", "zh": "向此类客户优先推荐"},
    Why.MATTER: {
        "en": "the caller has an open matter of the last 72 hours",
        "zh": "客户有72小时内的未结事项",
    },
    Why.STANDARD: {"en": "its key in every menu", "zh": "各菜单的固定按键"},
    Why.GONE: {"en": "the menu has no such choice any more", "zh": "菜单已无此项"},
    Why.CONDITION: {"en": "its condition does not hold in this call", "zh": "本次通话不符合其条件"},
    Why.LEVEL: {
        "en": "the caller is not authenticated far enough to hear of it",
        "zh": "客户的认证级别不够",
    },
    Why.NOT_IDENTIFIED: {"en": "the caller is not identified", "zh": "客户身份未识别"},
    Why.NOT_MEANT: {"en": "its rule is for other callers", "zh": "规则针对其他客户"},
    Why.NO_MATTER: {
        "en": "there is no such open matter of the last 72 hours",
        "zh": "没有72小时内的此类未结事项",
    },
    Why.OWN_ALREADY: {"en": "it is an own entry already", "zh": "已在客户自选中"},
    Why.ANOTHER: {
        "en": "another item is promoted already, and only one is",
        "zh": "已推荐另一项，每次只推荐一项",
    },
}


class Offer(msgspec.Struct, frozen=True):
    """A line of the menu as it is offered; `matter` is the open matter it is about, if one is."""

    key: str
    choice: str
    why: Why
    matter: Matter | None = None


class PassedOver(msgspec.Struct, frozen=True):
    """An own entry or a promotion that is not offered."""

    choice: str
    why: Why


class Arranged(msgspec.Struct, frozen=True):
    """A menu to offer, in the order it is heard. `own`: it is the caller's, and `FULL_MENU_KEY` leads
    to the full one; otherwise it is the standard menu."""

    own: bool
    offers: tuple[Offer, ...]
    passed_over: tuple[PassedOver, ...] = ()


def arrange(
    profile: Profile | None,
    choices: Sequence[Choice],
    promotions: Sequence[Promotion],
    caller: Caller,
    now: datetime,
) -> Arranged:
    """Return the menu for a caller. No choice may stand on the keys 7 and 8."""
    own, left_out = _own_entries(profile, choices, caller)
    promoted, not_promoted = _promoted(own, choices, promotions, caller, now)
    standard = [
        Offer(one.key, one.id, Why.STANDARD)
        for one in choices
        if _hidden(one, caller) is None and (not own or one.key in STANDARD_KEYS)
    ]
    return Arranged(bool(own), (*promoted, *own, *standard), (*left_out, *not_promoted))


def fresh(matter: Matter, now: datetime) -> bool:
    """Whether a matter was opened within the last 72 hours."""
    return timedelta() <= now - matter.opened_at < FRESH


def _own_entries(
    profile: Profile | None, choices: Sequence[Choice], caller: Caller
) -> tuple[list[Offer], list[PassedOver]]:
    if profile is None or caller.auth < IDENTIFIED:
        return [], []
    known = {one.id: one for one in choices if one.key not in STANDARD_KEYS}
    learnt = (profile.moved.choice, profile.moved.other) if profile.moved else ()
    offers, passed_over = [], []
    for place, entry in enumerate(profile.entries[:MOST_ENTRIES], 1):
        hidden = _hidden(known[entry], caller) if entry in known else Why.GONE
        if hidden is None:
            why = Why.LEARNT if entry in learnt else Why.OWN
            offers.append(Offer(str(place), entry, why))
        else:
            passed_over.append(PassedOver(entry, hidden))
    return offers, passed_over


def _hidden(choice: Choice, caller: Caller) -> Why | None:
    """Return why a choice may not be offered; None when it may."""
    if choice.level > caller.auth:
        return Why.LEVEL
    return None if choice.offered else Why.CONDITION


def _promoted(
    own: Sequence[Offer],
    choices: Sequence[Choice],
    promotions: Sequence[Promotion],
    caller: Caller,
    now: datetime,
) -> tuple[list[Offer], list[PassedOver]]:
    """Return the first promotion that fits, and why the others are not offered."""
    known = {one.id: one for one in choices}
    mine = {offer.choice for offer in own}
    offers: list[Offer] = []
    passed_over = []
    for rule in promotions:
        matter = _matter(rule, caller, now)
        hidden = _hidden(known[rule.choice], caller) if rule.choice in known else None
        why = _unfit(rule, caller, matter) or hidden
        if why is None and rule.choice in mine and matter is None:
            why = Why.OWN_ALREADY
        if why is None and offers:
            why = Why.ANOTHER
        if why is None:
            reason = Why.MATTER if matter else Why.PROMOTED
            offers.append(Offer(PROMOTED_KEY, rule.choice, reason, matter))
        else:
            passed_over.append(PassedOver(rule.choice, why))
    return offers, passed_over


def _unfit(rule: Promotion, caller: Caller, matter: Matter | None) -> Why | None:
    """Return why a rule does not fit a caller; None when it does."""
    personal = bool(rule.segments or rule.products or rule.lacks or rule.matter)
    if personal and caller.auth < IDENTIFIED:
        return Why.NOT_IDENTIFIED
    if not _meant(rule, caller):
        return Why.NOT_MEANT
    if rule.matter and matter is None:
        return Why.NO_MATTER
    needed = max(rule.level, matter.level if matter else 0)
    return Why.LEVEL if needed > caller.auth else None


def _meant(rule: Promotion, caller: Caller) -> bool:
    if rule.segments and caller.segment not in rule.segments:
        return False
    if rule.languages and caller.language not in rule.languages:
        return False
    if not rule.products and not rule.lacks:
        return True
    if caller.products is None:
        return False
    held = set(caller.products)
    return (not rule.products or not held.isdisjoint(rule.products)) and held.isdisjoint(rule.lacks)


def _matter(rule: Promotion, caller: Caller, now: datetime) -> Matter | None:
    """Return the latest fresh matter that a rule is about, the ones the caller may hear of first."""
    about = [one for one in caller.matters if one.kind == rule.matter and fresh(one, now)]
    return max(
        about, key=lambda one: (one.level <= caller.auth, one.opened_at, one.id), default=None
    )
