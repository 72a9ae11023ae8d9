"""Who acts on a case from the command line. A name alone is believed of nobody: a case forbids some people
to act on it, and another person's approval means that they gave it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.clock import SystemClock
from ivr.app.config import Config
from ivr.app.ledger import who
from ivr.app.staff import staff_of
from ivr.cli.acting import Mistake
from ivr.cli.staff import read_typed
from ivr.model.secret import Secret
from ivr.ports.staff import Person, Role

By = Annotated[
    str | None,
    typer.Option(
        "--by",
        help="Who acts, if not this machine's user: an agent by number (their PIN is asked for), or a"
        " person by login name (their password).",
    ),
]
ByFile = Annotated[
    Path | None,
    typer.Option(
        "--by-file",
        help="A file of mode 0600 with that PIN or password; left out, it is asked for.",
    ),
]
SOURCE = "command line"


async def acts(config: Config, by: str | None, file: Path | None) -> str:
    """Return who acts: an agent's number stands alone, as the law asks by it who is complained about. This
    machine's user is the agent of that login name, where there is one. Raises Mistake, PortError."""
    here = who()
    async with staff_of(config, SystemClock(config.zone)) as staff:
        if by is None:
            person = await staff.person(here.partition("@")[0])
            return person.agent if person is not None and person.agent else here
        proof = read_typed(f"{'PIN' if by.isdecimal() else 'password'} of {by}", file, again=False)
        try:
            check = staff.check_pin if by.isdecimal() else staff.check
            found = await check(by, proof, SOURCE)
        finally:
            proof.wipe()
        person = _proven(found, by)
        await staff.note(person.name, "cases.cli", here, SOURCE)
    return person.agent or person.name


async def approves(config: Config, name: str, file: Path | None) -> str:
    """Return who approves: a supervisor, by their password. Raises Mistake, PortError."""
    password: Secret = read_typed(f"password of {name}", file, again=False)
    async with staff_of(config, SystemClock(config.zone)) as staff:
        try:
            found = await staff.check(name, password, SOURCE)
        finally:
            password.wipe()
    person = _proven(found, name)
    if not person.role.covers(Role.SUPERVISOR):
        raise Mistake(f"{name} cannot approve: a supervisor can")
    return person.agent or person.name


def _proven(found: object, name: str) -> Person:
    if not isinstance(found, Person):
        raise Mistake(f"{name} is not proven ({found}); `ivr staff list` shows who works here")
    return found
