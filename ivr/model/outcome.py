"""What a step ends with: an outcome on one of its edges, or a move to another flow."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ivr.model.pace import Pace
from ivr.model.secret import Secret
from ivr.model.values import Scalar


class Outcome(msgspec.Struct, frozen=True):
    """The step ended with `name`; the flow's edge of that name says where the call goes.

    `variables` and `secrets` are set in the running flow, `facts` in the whole call: groups of them, or one fact of a group by its dotted name. `failures`
    counts no-inputs and no-matches towards the call's limit. `pace` is the caller's rhythm where it
    is known from earlier calls.
    """

    name: str
    variables: Mapping[str, Scalar] = {}
    secrets: Mapping[str, Secret] = {}
    facts: Mapping[str, Scalar | dict[str, Scalar]] = {}
    language: str | None = None
    auth: int | None = None
    failures: int = 0
    pace: Pace | None = None


class Enter(msgspec.Struct, frozen=True):
    """Call a flow as a subflow. Its `Return` becomes this step's outcome."""

    flow: str
    arguments: Mapping[str, Scalar] = {}


class Return(msgspec.Struct, frozen=True):
    """Leave a subflow with an outcome and values for the step that called it."""

    outcome: str
    values: Mapping[str, Scalar] = {}


class Jump(msgspec.Struct, frozen=True):
    """Go on at the start of another flow and forget this one, or at a step of this flow."""

    flow: str | None = None
    step: str | None = None


class End(msgspec.Struct, frozen=True):
    """The call is over."""

    reason: str


class Stay(msgspec.Struct, frozen=True):
    """The step is not over: it runs again, and what it keeps meanwhile is in the session.

    So a call that comes back on a new connection asks nothing twice that stands there. `changes` are
    made in its form (`Frame.form`): a name with None is forgotten, what is not named stays. With a
    `level` above the caller's, the caller is authenticated before it runs again; who cannot be leaves
    it by `refused`. `failures`, `auth` and `facts` are as in Outcome.
    """

    changes: Mapping[str, Scalar | dict[str, Scalar]] = {}
    level: int = 0
    failures: int = 0
    auth: int | None = None
    facts: Mapping[str, Scalar | dict[str, Scalar]] = {}


Transition = Outcome | Enter | Return | Jump | End | Stay
