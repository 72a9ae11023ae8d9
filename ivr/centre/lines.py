"""A menu as written, turned into what own menus are arranged from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from ivr.centre.personal import Choice, Promotion
from ivr.model.choices import Choice as Written
from ivr.model.choices import Promoted
from ivr.model.speech import Speech


class Lines(msgspec.Struct, frozen=True):
    """A menu that may become somebody's own: its choices as they hold in this call, what may be
    promoted in it, and what both are called aloud (by id)."""

    choices: tuple[Choice, ...]
    promotions: tuple[Promotion, ...]
    names: Mapping[str, Speech]


def lines(
    choices: Mapping[str, Written], offered: Collection[str], promote: Sequence[Promoted]
) -> Lines:
    """Return the lines of a menu; `offered` are the keys of the choices whose conditions hold."""
    named = promoted(promote)
    return Lines(
        tuple(
            Choice(id_of(key, choice), key, offered=key in offered)
            for key, choice in choices.items()
        ),
        tuple(
            Promotion(
                name,
                one.level,
                segments=one.segments,
                products=one.products,
                lacks=one.lacks,
                languages=one.languages,
                matter=one.matter,
            )
            for name, one in named.items()
        ),
        {**services(choices), **{name: one.say for name, one in named.items()}},
    )


def services(choices: Mapping[str, Written]) -> Mapping[str, Speech]:
    """Return the choices that may stand in own menus: id → spoken name."""
    return {one.name: one.say for one in choices.values() if one.say is not None}


def promoted(promote: Sequence[Promoted]) -> Mapping[str, Promoted]:
    """Return what may be promoted, by id, which is its outcome as well."""
    return {f"promoted-{number}": one for number, one in enumerate(promote, 1)}


def id_of(key: str, choice: Written) -> str:
    """Return what a choice is called in own menus; one that cannot stand there, by its key."""
    return key if choice.say is None else choice.name
