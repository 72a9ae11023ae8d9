"""Step: the base of every step type.

A step type is one file in `ivr/steps/`: its fields are its YAML schema, its docstrings are its
reference documentation, `run` is its behaviour. Nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from ivr.model.commands import Script
from ivr.model.context import Context, Visit
from ivr.model.expressions import Expression
from ivr.model.outcome import Transition
from ivr.model.place import Place
from ivr.model.speech import Speech, typings
from ivr.model.values import Scalar, Value

if TYPE_CHECKING:
    from ivr.model.flow import FlowSet

__all__ = ["Context", "Step", "Unreadable", "Visit"]


class Step(BaseModel):
    """One node of a flow."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    verb: ClassVar[str]
    """The key that names this step type in YAML."""
    shorthand: ClassVar[str | None] = None
    """The field that a body which is no mapping stands for: `say: welcome`."""
    outcomes: ClassVar[Mapping[str, str]] = {}
    """Outcome → when it happens. Each must have an edge (see `exits`)."""
    optional: ClassVar[Mapping[str, str]] = {}
    """Outcome → when it happens, if it has an edge; without one it never does (`Context.wired`)."""
    normal: ClassVar[str | None] = None
    """The outcome that `next:` wires."""
    ends: ClassVar[bool] = False
    """Whether the step has no edges because the flow ends or leaves here."""
    conversation: ClassVar[bool] = False
    """Whether people talk in it, or wait for one: such time does not count as a call's duration."""
    listens: ClassVar[bool] = False
    """Whether it waits for what the caller says or does. Of a step that reads keys, or in which
    people talk, this is known without it."""
    goal: ClassVar[bool] = False
    """Whether callers ring for it: what a menu leads to in the end, not a step on the way."""
    helps: ClassVar[Collection[str]] = ()
    """The outcomes by which the caller has talked with a person, or was promised a call back."""
    looks_up: ClassVar[bool] = True
    """Whether a port may know what callers key in it: a proof then keys what the bank knows as well."""
    parting: ClassVar[bool] = False
    """Whether who is asked something here wants nothing more of the call: no person need be near."""
    example: ClassVar[str]
    """A working step in YAML, for the reference documentation."""

    @model_validator(mode="before")
    @classmethod
    def _expand(cls, body: Any) -> Any:
        if cls.shorthand is not None and not isinstance(body, dict):
            return {cls.shorthand: body}
        return body

    def helping(self) -> Collection[str]:
        """Return the outcomes of `helps`, as far as this step's fields let them help."""
        return self.helps

    def bound(self, flow_set: FlowSet) -> Step:
        """Return the step with what it needs of the other files (order types, surveys), as far as they
        are there."""
        return self

    def run(self, context: Context) -> Script[Transition]:
        """Ask the world what is needed and return how the step ended."""
        raise NotImplementedError

    def because(self, visit: Visit, language: str) -> str:
        """Return why it ended as it did, for people (`ivr why`); empty where its events tell.

        It is asked about a call that is over: what it says is kept nowhere.
        """
        return ""

    def receive(self, values: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
        """Return the variables to set when the flow that this step called has returned `values`."""
        return values

    def raises(self) -> int:
        """Return the auth level that it may raise a caller to."""
        return 0

    def exits(self) -> Mapping[str, str]:
        """Return the outcomes that this very step can end with, each needing an edge."""
        return self.outcomes

    def edges(self) -> Mapping[str, str]:
        """Return the edges that the step's own body declares: outcome → step."""
        return {}

    def speeches(self) -> Iterable[Speech]:
        """Return all that the step can say."""
        return ()

    def expressions(self) -> Iterable[Expression]:
        """Return the expressions outside its speeches."""
        return ()

    def assigns(self) -> Mapping[str, str]:
        """Return the variables the step sets: name → type (`secret` for a secret one)."""
        return {}

    def flows(self) -> Iterable[str]:
        """Return the flows it can go to."""
        return ()

    def calls(self) -> Mapping[str, Mapping[str, Expression | Scalar]]:
        """Return the flows it runs as subflows and comes back from: flow → arguments.

        The outcomes are then those that the flow `returns`.
        """
        return {}

    def returns(self) -> Mapping[str, Mapping[str, Expression | Scalar]]:
        """Return how it leaves its own flow for the one that called it: outcome → values."""
        return {}

    def orders(self) -> Iterable[str]:
        """Return the order types it takes orders of."""
        return ()

    def needs(self) -> int:
        """Return the auth level that it needs whatever the flow says."""
        return 0

    def keeps(self) -> Mapping[str, str]:
        """Return what its own expressions may read beside what the flow sets, while it runs: dotted
        name → type."""
        return {}

    def places(self) -> Mapping[str, Place]:
        """Return the places of what it says that is written in another file, as in `Node`."""
        return {}

    def calendars(self) -> Iterable[str]:
        """Return the calendars it reads."""
        return ()

    def case_kinds(self) -> Iterable[str]:
        """Return the kinds of cases it opens or tells of."""
        return ()

    def queues(self) -> Iterable[str]:
        """Return the configured queues it sends callers to."""
        return ()

    def surveys(self) -> Collection[str]:
        """Return the surveys that it may ask."""
        return ()

    def named_surveys(self) -> Iterable[str]:
        """Return the surveys of campaigns that it names."""
        return ()

    def destinations(self) -> Iterable[str]:
        """Return the configured destinations it dials."""
        return ()

    def results(self) -> Iterable[str]:
        """Return the outcomes of a campaign that it takes down."""
        return ()

    def languages(self) -> Iterable[str]:
        """Return the languages it changes to."""
        return ()

    def keys(self) -> Iterable[str]:
        """Return the entries it tells apart: one that begins another one costs callers time."""
        return ()

    def sometimes(self) -> Iterable[str]:
        """Return those of its `keys` that only some callers are offered."""
        return ()

    def shortcuts(self) -> Iterable[str]:
        """Return further entries that it tells apart for some callers, who are told of them then."""
        return ()

    def services(self) -> Mapping[str, Speech]:
        """Return what it leads to that may stand in a caller's own menu: id → its spoken name."""
        return {}

    def labels(self) -> Mapping[str, str]:
        """Return what the author calls its outcomes: outcome → a few words."""
        return {}

    def questions(self) -> Iterable[tuple[Speech, int]]:
        """Return what it asks for, in order: how it asks first, and how many keys answer that.

        An answer is at its shortest; of a step that has `keys`, it is one of those.
        """
        return ()

    def waits(self) -> Mapping[str, int]:
        """Return how long it may wait for the caller, in milliseconds, by field: not for keys, whose
        times are properties."""
        return {}

    def gives(self) -> Mapping[str, Expression | Scalar]:
        """Return the variables that it sets to what the flow writes."""
        return {}

    def computes(self) -> Mapping[str, Expression]:
        """Return the variables that it sets to what an expression gives."""
        given = self.gives().items()
        return {name: value for name, value in given if isinstance(value, Expression)}

    def sets(self, outcome: str) -> Collection[str]:
        """Return the variables and facts that are set for certain when it ends with `outcome`."""
        return {*self.assigns(), *self.facts()} if self.normal in (None, outcome) else ()

    def implies(self, outcome: str) -> Iterable[tuple[Expression, bool]]:
        """Return the expressions that have been true, or false, when it ends with `outcome`."""
        return ()

    def wants(self) -> Iterable[tuple[Expression, Collection[str]]]:
        """Return its expressions of which not every type will do, with the types that do."""
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, Expression):
                yield from ((value, typed.types) for typed in typings(field))

    def facts(self) -> Mapping[str, str]:
        """Return the facts of the call it sets: dotted name → type."""
        return {}

    def alike(self, form: Mapping[str, Any], scope: Mapping[str, Value]) -> Hashable:
        """Return a value that is equal for forms (`Stay`) that lead to the same ends, `scope` being what
        expressions read there; None where every difference counts."""
        return None

    def apart(self, form: Mapping[str, Any]) -> Hashable:
        """Return what a form is about, where the step does quite different things: a proof looks at each
        by itself."""
        return None

    def about(self, form: Mapping[str, Any]) -> Step:
        """Return the step as far as it can still do something with a form: see `apart`."""
        return self

    def entries(self) -> Iterable[str]:
        """Return entries worth keying in a proof, because something else comes of them than of others."""
        return ()

    def compares(self) -> Mapping[str, Collection[str]]:
        """Return the texts that its own code, and no expression, compares a fact or a field of an
        answer with, by the last part of its name. A proof tells no others apart."""
        return {}


class Unreadable(Step):
    """Stands for a step with a mistake in it, while the rest of its flow is checked."""

    verb: ClassVar[str] = ""
    example: ClassVar[str] = ""
