"""Flows: what administrators publish, loaded and checked."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.model.calendar import Calendar
from ivr.model.campaigns import CampaignDocument
from ivr.model.cases import CasesDocument
from ivr.model.orders import OrderType
from ivr.model.place import Place as Place
from ivr.model.properties import Properties
from ivr.model.queues import QueuePlan
from ivr.model.sheet import Sheet
from ivr.model.speech import Speech
from ivr.model.step import Step
from ivr.model.surveys import SurveyDocument, SurveyRulesDocument
from ivr.model.taxonomy import TaxonomyDocument

ERROR = "error"
HANGUP = "hangup"
AUTHENTICATE = "authenticate"
"""The subflow that raises the auth level of a caller for a step that `requires` it."""
WANTED = "level"
"""What it is given, if it accepts that: the level wanted, a number."""
AUTHENTICATED = "ok"
REFUSED = "refused"
"""How it ends: the level is reached, or the step is left by its edge `refused`."""


def is_service_code(number: str) -> bool:
    """Whether a number is no caller's: agents dial it, or the hotline itself."""
    return number.startswith("*")


class Node(msgspec.Struct, frozen=True):
    """A step in a flow: its type's values, and where each outcome leads.

    `requires` is the auth level the step needs. An edge for `hangup` or `error` is optional: the
    flow's handlers take what has none. `places` are those of the step's keys (`on.invalid`) and of
    the texts it holds (`=welcome`). Of a `partial` step some could not be read: it may have more
    outcomes and edges.
    """

    name: str
    step: Step
    edges: Mapping[str, str]
    place: Place
    requires: int = 0
    places: Mapping[str, Place] = {}
    partial: bool = False

    def target(self, outcome: str) -> str | None:
        """Return the step that `outcome` leads to."""
        return self.edges.get(outcome)

    def place_of(self, *names: str) -> Place:
        """Return the place of the first key or `=text` that the step has, else its own."""
        return next((self.places[name] for name in names if name in self.places), self.place)


class Flow(msgspec.Struct, frozen=True):
    """One flow. `numbers` are the DNIS it answers.

    `handlers` lead `error` (a port failed and the step has no edge for it) and `hangup` to a step.
    `accepts` names a subflow's arguments and `returns` its outcomes with their values, each with its
    type (text, number, truth, money). `places` are those of the head's keys and texts, as in Node.
    `unread` names the head's keys that could not be read, and hold nothing here.
    """

    name: str
    start: str
    languages: tuple[str, ...]
    steps: Mapping[str, Node]
    place: Place
    numbers: tuple[str, ...] = ()
    defaults: Properties = Properties()
    handlers: Mapping[str, str] = {}
    accepts: Mapping[str, str] = {}
    returns: Mapping[str, Mapping[str, str]] = {}
    places: Mapping[str, Place] = {}
    unread: frozenset[str] = frozenset()

    def place_of(self, *names: str) -> Place:
        """Return the place of the first key or `=text` that the head has, else the flow's."""
        return next((self.places[name] for name in names if name in self.places), self.place)


class FlowSet(msgspec.Struct, frozen=True):
    """A published set of flows. `version` is the SHA-256 (hex) of all its files' bytes.

    `orders` are the order types by name. `files` holds those bytes (as text, by path within the folder), so that a version can be kept and
    loaded again for the calls that began on it. `services` are what may stand in callers' own menus, by
    id with their spoken names. `queues` are the queues and the agents. `surveys` and `campaigns` are by
    name; `survey_rules`, `cases` and `taxonomy` are None where there is no such file.
    """

    version: str
    flows: Mapping[str, Flow]
    calendars: Mapping[str, Calendar] = {}
    files: Mapping[str, str] = {}
    services: Mapping[str, Speech] = {}
    orders: Mapping[str, OrderType] = {}
    queues: QueuePlan = QueuePlan()
    surveys: Mapping[str, Sheet[SurveyDocument]] = {}
    survey_rules: Sheet[SurveyRulesDocument] | None = None
    cases: Sheet[CasesDocument] | None = None
    campaigns: Mapping[str, Sheet[CampaignDocument]] = {}
    taxonomy: Sheet[TaxonomyDocument] | None = None

    def for_number(self, dnis: str) -> Flow | None:
        """Return the flow that answers a number."""
        return next((flow for flow in self.flows.values() if dnis in flow.numbers), None)


def services(flows: Mapping[str, Flow]) -> dict[str, Speech]:
    """Return what the steps of some flows lead to that may stand in callers' own menus."""
    found: dict[str, Speech] = {}
    for flow in flows.values():
        for node in flow.steps.values():
            found.update(node.step.services())
    return found
