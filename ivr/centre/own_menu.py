"""A caller's own menu: looked up, told when it has changed, and put into words and keys.

What is offered, on which key and why, is decided in `ivr.centre.personal`. `*1` to `*6` mean the
caller's own entry of that place wherever a menu is personal, also while the full one is heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import takewhile

import msgspec

from ivr.centre.customers import GROUP, customer_number
from ivr.centre.entries import learn, use
from ivr.centre.lines import Lines
from ivr.centre.personal import (
    FULL_MENU_KEY,
    PROMOTED_KEY,
    Arranged,
    Caller,
    Offer,
    arrange,
)
from ivr.centre.remember import recall, remember
from ivr.model.choices import SPOKEN_KEYS
from ivr.model.commands import Script, ask
from ivr.model.errors import PortError
from ivr.model.events import MenuMoved, MenuOffered
from ivr.model.profile import MOST_ENTRIES, Move, Profile
from ivr.model.session import Session
from ivr.model.speech import Speech
from ivr.model.step import Context, Visit
from ivr.ports.bank import GetMatters, Matter
from ivr.ports.channel import Collect, Play
from ivr.ports.clock import Now
from ivr.ports.events import Emit
from ivr.ports.profiles import GetProfile, PutProfile

SHORTCUT = "*"
"""Before the place of an own entry: takes it at once."""
ADD_KEYS = "*7"
"""Adds the service that was used last to the caller's own menu."""
EDIT_KEYS = "*8"
"""Leads to hearing and changing it."""
LAST_SERVICE = "last_service"
"""The fact that names the service used last, while it may be added to the caller's own menu."""

OWN_KEYS = (
    *SPOKEN_KEYS,
    FULL_MENU_KEY,
    *(f"{SHORTCUT}{place}" for place in range(1, MOST_ENTRIES + 1)),
)
"""All entries that may mean something in a personal menu and not in the full one."""

_PRESS = {key: Speech((f"press-{key}",)) for key in SPOKEN_KEYS}
_ALL_SERVICES = Speech(("all-services",))
_MOVED = Speech(("menu-moved",))
_GONE = Speech(("entry-gone",))
_ABOUT = (Speech(("about-today",)), Speech(("about-yesterday",)))
_ABOUT_RECENT = Speech(("about-recent",))


Question = tuple[Mapping[int, Speech], Mapping[str, str]]
"""What is asked, by count, and what the keys mean: entry → id."""


class OwnMenu(msgspec.Struct, frozen=True):
    """A menu arranged for an identified caller, as of `now`."""

    lines: Lines
    profile: Profile
    arranged: Arranged
    now: datetime

    def questions(
        self, prompt: Mapping[int, Speech], anywhere: Mapping[str, str]
    ) -> Iterator[Question]:
        """Yield what to ask, `prompt` being the menu's own; after the first question only who keyed
        `FULL_MENU_KEY` is asked the next one. `anywhere` has a meaning in all of them.
        """
        leading = self.leading()
        lead = [self._offered(offer) for offer in leading]
        keys = {choice.key: choice.id for choice in self.lines.choices if choice.offered}
        promoted = {offer.key: offer.choice for offer in leading if offer.key == PROMOTED_KEY}
        always = {**anywhere, **promoted}
        if self.arranged.own:
            own = {offer.key: offer.choice for offer in self.arranged.offers}
            always |= {
                f"{SHORTCUT}{offer.key}": offer.choice
                for offer in leading
                if offer.key != PROMOTED_KEY
            }
            whole = {FULL_MENU_KEY: FULL_MENU_KEY}
            yield {1: joined(*lead, _ALL_SERVICES)}, {**own, **always, **whole}
        elif lead:
            prompt = {count: joined(*lead, speech) for count, speech in prompt.items()}
        yield prompt, {**keys, **always}

    def leading(self) -> list[Offer]:
        """Return what is heard before the way to all services: nobody else is offered it so."""
        spoken = tuple(_PRESS) if self.arranged.own else (PROMOTED_KEY,)
        return [offer for offer in self.arranged.offers if offer.key in spoken]

    def _offered(self, offer: Offer) -> Speech:
        name = called(self.lines.names, offer.choice)
        if offer.matter is not None:
            name = joined(_about(offer.matter, self.now), name)
        return announced(name, offer.key)


def own_menu(context: Context, customer: str, lines: Lines) -> Script[OwnMenu | None]:
    """Arrange a menu for a customer; None when their profile is not to be had in time.

    A learnt move is told first, and is made only when the caller has heard it to the end: who types
    ahead never finds that a key means something else.
    """
    try:
        profile = yield from recall(customer)
    except PortError:
        return None
    now = yield from ask(Now())
    profile = yield from _learnt(context, profile, lines, now)
    matters = yield from _matters(context.session, customer, lines, now)
    arranged = arranged_for(context.session, profile, lines, matters, now)
    menu = OwnMenu(lines, profile, arranged, now)
    offered = tuple(f"{offer.key} {offer.choice}" for offer in menu.leading())
    if offered:
        yield from ask(Emit(context.session.call_id, MenuOffered(offered, arranged.own)))
    return menu


def arranged_for(
    session: Session, profile: Profile, lines: Lines, matters: tuple[Matter, ...], now: datetime
) -> Arranged:
    """Return the menu as it is arranged for the customer of a call."""
    facts = session.facts.get(GROUP)
    known = facts if isinstance(facts, dict) else {}
    caller = Caller(
        session.auth,
        str(known.get("segment", "")),
        session.language,
        str(known.get("products", "")).split(),
        matters,
    )
    return arrange(profile, lines.choices, lines.promotions, caller, now)


def why_offered(visit: Visit, lines: Lines, language: str) -> str:
    """Say why the menu of a visit was as it was, in words (`zh` or `en`)."""
    session = visit.context.session
    asked = list(takewhile(lambda pair: not isinstance(pair[0], Collect), visit.answers))
    found = [answer for command, answer in asked if isinstance(command, GetProfile | PutProfile)]
    customer, words = customer_number(session), _WORDS[language]
    if customer is None:
        return words["nobody"]
    if not found or isinstance(found[0], Exception):
        return words["late"]
    profile = next((one for one in reversed(found) if one is not None), Profile(customer))
    now = next(answer for command, answer in asked if isinstance(command, Now))
    open_matters = (answer for command, answer in asked if isinstance(command, GetMatters))
    matters = next((answer for answer in open_matters if isinstance(answer, tuple)), ())
    arranged = arranged_for(session, profile, lines, matters, now)
    offered = [one for one in arranged.offers if one.choice in lines.names]
    reasons = [f"{one.key} {one.choice}: {one.why.words(language)}" for one in offered]
    reasons += [
        f"{words['not']} {one.choice}: {one.why.words(language)}" for one in arranged.passed_over
    ]
    return "; ".join(reasons)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "nobody": "客户身份未识别，播放标准菜单",
        "late": "没有及时查到客户的菜单，播放标准菜单",
        "not": "未提供",
    },
    "en": {
        "nobody": "nobody is identified, so it is the standard menu",
        "late": "the caller's own menu could not be looked up in time, so it is the standard one",
        "not": "not offered:",
    },
}


def count_use(menu: OwnMenu, choice: str) -> Script[None]:
    """Count that an entry was used, if the caller wants the menu to learn."""
    profile, now = menu.profile, menu.now
    if use(profile, choice, now) == profile:
        return
    try:
        yield from remember(profile.customer, lambda stored: use(stored, choice, now))
    except PortError:
        return  # one use more or less; the caller goes on


def _learnt(context: Context, profile: Profile, lines: Lines, now: datetime) -> Script[Profile]:
    """Tell the learnt move that is due, if one is, and make it."""
    learnt, move = learn(profile, now)
    if move is None:
        return profile
    played = yield from ask(Play(context.audible(_told(move, lines.names))))
    if played.interrupted:
        return profile
    told = MenuMoved(move.choice, move.other, move.rose, move.fell, move.used, move.other_used)
    yield from ask(Emit(context.session.call_id, told))
    try:
        return (yield from remember(profile.customer, lambda stored: learn(stored, now)[0]))
    except PortError:
        return learnt  # what was told holds at least in this call


def _matters(
    session: Session, customer: str, lines: Lines, now: datetime
) -> Script[tuple[Matter, ...]]:
    """Look up what is open, if anything is promoted because of it that this caller may hear of."""
    about = [rule for rule in lines.promotions if rule.matter and session.reaches(rule.level)]
    if not about:
        return ()
    try:
        return (yield from ask(GetMatters(customer, now)))
    except PortError:
        return ()


def joined(*speeches: Speech) -> Speech:
    """Return speeches as one, heard one after the other."""
    return Speech(tuple(item for speech in speeches for item in speech.root))


def announced(name: Speech, key: str) -> Speech:
    """Return how a choice is announced: what it is, then its key."""
    return joined(name, _PRESS[key])


def called(names: Mapping[str, Speech], choice: str) -> Speech:
    """Return what a choice is called, also one that is not there any more."""
    return names.get(choice, _GONE)


def announcing_keys() -> Iterable[Speech]:
    """Return what announces keys."""
    return _PRESS.values()


def nameless() -> Iterable[Speech]:
    """Return what is said of entries beside their names."""
    return (*_PRESS.values(), _GONE)


def announcements() -> Iterable[Speech]:
    """Return what own menus may say beside the names of their choices."""
    return (*nameless(), *_ABOUT, _ABOUT_RECENT, _ALL_SERVICES, _MOVED)


def _about(matter: Matter, now: datetime) -> Speech:
    days = (now.date() - matter.opened_at.astimezone(now.tzinfo).date()).days
    return _ABOUT[days] if 0 <= days < len(_ABOUT) else _ABOUT_RECENT


def _told(move: Move, names: Mapping[str, Speech]) -> Speech:
    """Return how a move is told: both entries that change places, with their new keys."""
    rose = announced(called(names, move.choice), str(move.rose))
    fell = announced(called(names, move.other), str(move.fell))
    return joined(_MOVED, rose, fell)
