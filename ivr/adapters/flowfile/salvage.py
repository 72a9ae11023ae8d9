"""What is left of a step or a head with mistakes in it, so that one run tells of more than those."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ivr.adapters.flowfile.nodes import Loc, Tree
from ivr.adapters.flowfile.unions import chosen
from ivr.model.document import FlowDocument
from ivr.model.inputfields import InputFields

M = TypeVar("M", bound=BaseModel)

_HEAD = frozenset(FlowDocument.model_fields)
_STAND_INS = {"flow": "unread", "languages": ["zz"], "start": "unread", "steps": {"unread": {}}}
"""For the keys a head must have."""
MOST = 100
"""Mistakes in one step that are left out of it; of a step with more nothing is kept."""


def salvage(
    model: type[M], plain: Any, tree: Tree, error: ValidationError
) -> tuple[M, bool] | None:
    """Return the model of `plain` without what is wrong in it, or None when nothing is left.

    The truth tells whether outcomes or edges may be missing in it: more is left out than input
    properties and unknown keys.
    """
    wrong = {complaint.path for complaint in chosen(error, tree)}
    if () in wrong or len(wrong) > MOST:
        return None
    for paths in (wrong, {path[:-1] or path for path in wrong}):
        try:
            kept = model.model_validate(_pruned(plain, paths))
        except ValidationError:
            continue  # what is wrong was needed: leave out what it is in
        return kept, not (isinstance(plain, dict) and _harmless(model, paths))
    return None


def _pruned(plain: Any, paths: Collection[Loc]) -> Any:
    for path in sorted(paths, key=_order, reverse=True):  # the last first: others stay put
        plain = _without(plain, path)
    return plain


def _order(path: Loc) -> tuple[tuple[int, str], ...]:
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in path)


def _without(plain: Any, path: Loc) -> Any:
    """Return a copy without what is at `path`."""
    head, rest = path[0], path[1:]
    if isinstance(plain, dict):
        pairs = plain.items()
        if rest:
            return {key: _without(v, rest) if key == str(head) else v for key, v in pairs}
        return {key: value for key, value in pairs if key != str(head)}
    if isinstance(plain, list) and isinstance(head, int):
        inner = [_without(item, rest) for item in plain[head : head + 1]] if rest else []
        return [*plain[:head], *inner, *plain[head + 1 :]]
    return plain


def _harmless(model: type[BaseModel], wrong: Collection[Loc]) -> bool:
    if model.model_config.get("extra") == "allow":  # its keys are the author's own
        return False
    known = {field.alias or name for name, field in model.model_fields.items()}
    names = {str(path[0]) for path in wrong if len(path) == 1}
    whole = all(len(path) == 1 for path in wrong)
    return whole and all(name in InputFields.model_fields or name not in known for name in names)


def salvage_head(
    plain: dict[str, Any], error: ValidationError
) -> tuple[FlowDocument, frozenset[str]]:
    """Return the head of a flow with stand-ins for what is wrong in it, and the keys they are for."""
    bad = {str(details["loc"][0]) for details in error.errors(include_url=False)}
    good = {key: value for key, value in plain.items() if key in _HEAD - bad}
    if bad - _HEAD:  # a key that nobody knows may be meant for any that is not there
        bad |= _HEAD - set(plain)
    return FlowDocument.model_validate({**_STAND_INS, **good}), frozenset(bad & _HEAD)
