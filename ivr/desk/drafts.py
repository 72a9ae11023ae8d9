"""What an agent has dictated so far: kept here, so that no page holds a whole account number.

A page names a choice by its place in the list, and shows the last four digits of what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.ports.dictation import Choice, DictationForm, FormField

LISTED = frozenset({"choose", "option"})
"""Kinds of slots that are chosen from a list."""
HIDDEN = frozenset({"digits"})
"""Kinds of slots of which a page shows the last four digits only."""


class Draft(msgspec.Struct):
    """An order that is being dictated in a call: what is `written` of it, what was offered, and whether
    the caller was left alone with it."""

    call_id: str
    order: str
    written: dict[str, str] = {}
    offered: dict[str, tuple[Choice, ...]] = {}
    handed_off: bool = False

    def take(self, typed: Mapping[str, str]) -> None:
        """Take what a page brings: the slots by name. One that is left empty stays as it is."""
        for name, text in typed.items():
            if text.strip():
                self.written[name] = self._meant(name, text.strip())

    def forget(self, name: str) -> None:
        """Open a slot again."""
        self.written.pop(name, None)

    def shown(self, form: DictationForm) -> DictationForm:
        """Return a form as a page may show it, and remember what it offers."""
        self.offered = {one.name: one.choices for one in form.fields if one.kind in LISTED}
        self.written = {one.name: one.value for one in form.fields if one.value}
        return msgspec.structs.replace(form, fields=tuple(map(self._masked, form.fields)))

    def _meant(self, name: str, text: str) -> str:
        choices = self.offered.get(name)
        if choices is None:
            return text
        place = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
        return choices[place - 1].id if 1 <= place <= len(choices) else ""

    def _masked(self, field: FormField) -> FormField:
        if field.kind in HIDDEN and field.value:
            return msgspec.structs.replace(field, value=f"•••{field.value[-4:]}")
        if field.kind not in LISTED:
            return field
        ids = [choice.id for choice in field.choices]
        place = str(ids.index(field.value) + 1) if field.value in ids else ""
        choices = tuple(
            Choice(str(number), choice.text) for number, choice in enumerate(field.choices, 1)
        )
        return msgspec.structs.replace(field, value=place, choices=choices)
