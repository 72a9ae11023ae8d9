"""A small hotline, calls recorded on it, and callers who throw dice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from ivr.adapters.flowfile import load_files
from ivr.adapters.sim.phone import Deed, Happening, Listening, Phone, ScriptedPhone
from ivr.adapters.sim.prompts import SimPrompts
from ivr.adapters.sim.simulation import Incoming, Report, Simulation
from ivr.model.flow import FlowSet
from ivr.model.prompt import Recording
from ivr.model.scripted import Person, ScriptedCaller

SHOP = """\
flow: shop
numbers: ["100"]
languages: [en]
start: menu
defaults: {tries: 2}
on: {error: sorry, hangup: note}
steps:
  menu:
    menu:
      prompt: main-menu
      choices: {1: orders, 2: number, 3: message, 0: open}
    on: {no_input: open, invalid: bye}
  number:
    collect: {prompt: enter-number, type: digits, least: 2, most: 4, into: number}
    on: {done: which, no_input: menu, invalid: menu, back: menu}
  which:
    branch: [{when: "{{ starts(number, '9') }}", then: orders}]
    next: say-number
  say-number: {say: [your-number, {digits: "{{ number }}"}], next: menu}
  orders: {subflow: orders, on: {done: menu}}
  message:
    record: {into: message, longest: 20s, silence: 2s}
    on: {done: bye, no_input: menu}
  open: {hours: hours, on: {open: agent, closed: bye, holiday: bye}}
  agent:
    queue: {name: service, timeout: 20s}
    on: {served: bye, timeout: bye, full: bye, empty: bye, closed: bye, overflow: bye}
  sorry: {say: sorry-technical, next: bye}
  note: {set: {gone: true}, next: end}
  bye: {say: goodbye, next: end}
  end: {hangup: completed}
"""
ORDERS = """\
flow: orders
languages: [en]
start: ask
returns: {done: {}}
steps:
  ask:
    collect: {prompt: enter-order, type: digits, least: 1, most: 3, into: order}
    on: {done: told, no_input: back, invalid: back}
  told: {say: order-told, next: back}
  back: {return: done}
"""
CALENDAR = 'calendar: hours\nzone: UTC\nweek: {mon-sun: ["08:00-20:00"]}\nholidays: []\n'
FILES = {"shop.yaml": SHOP, "orders.yaml": ORDERS, "hours.yaml": CALENDAR}
FLOWS = load_files(FILES)
NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("UTC"))
SERVED = {"service": Person.model_validate({"after": "3s", "talks": "20s"})}


def changed(*changes: tuple[str, str], file: str = "shop.yaml") -> FlowSet:
    """The hotline with texts replaced."""
    text = FILES[file]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return load_files({**FILES, file: text})


class Dice:
    """A caller who does what the dice say whenever the line waits, and then hangs up.

    A throw is keys (pressed at once), `say` (words, into a recording), `wait` or `hang up`.
    """

    def __init__(self, throws: Sequence[str]) -> None:
        self._throws = list(throws)
        self._ahead: list[Happening] = []
        self._speaks_until = 0

    def began(self, recording: Recording, at_ms: int) -> None:
        """Hear a recording begin."""

    def next(self, now_ms: int, until_ms: int, listening: Listening) -> Happening | None:
        if listening is Listening.NOT and not self._ahead:
            return None
        if not self._ahead:
            self._throw(max(now_ms, self._speaks_until))
        if self._ahead and self._ahead[0].at_ms <= until_ms:
            return self._ahead.pop(0)
        return None

    def _throw(self, now_ms: int) -> None:
        throw = self._throws.pop(0) if self._throws else "hang up"
        if throw == "hang up":
            self._ahead = [Happening(now_ms, Deed.HANGUP)]
        elif throw == "say":
            self._ahead = [Happening(now_ms, Deed.VOICE, ms=1_500)]
            self._speaks_until = now_ms + 1_500
        elif throw != "wait":
            pairs = enumerate(throw, 1)
            self._ahead = [Happening(now_ms + 120 * n, Deed.KEY, key) for n, key in pairs]


def throws() -> st.SearchStrategy[list[str]]:
    """What callers may do."""
    keys = st.text("0123459*#", min_size=1, max_size=5)
    return st.lists(keys | st.sampled_from(["say", "wait", "hang up"]), max_size=8)


async def call(
    phone: Phone, *, lose_at: int | None = None, at: datetime | None = None, agent: bool = True
) -> Report:
    """Place a call."""
    simulation = Simulation(FLOWS, SimPrompts({}), {}, start=NOON)
    people = SERVED if agent else {}
    return await simulation.call(phone, Incoming("100", lose_at=lose_at, at=at, people=people))


async def recorded(*script: object, at: datetime | None = None, agent: bool = True) -> Report:
    """Place a call by a script as YAML has it."""
    body = {"caller": "test", "calls": "100", "script": list(script)}
    phone = ScriptedPhone(ScriptedCaller.model_validate(body).script)
    return await call(phone, at=at, agent=agent)
