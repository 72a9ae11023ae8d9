"""What a scripted caller does, and when."""

from __future__ import annotations

from ivr.adapters.sim.phone import Deed, Happening, Listening, ScriptedPhone
from ivr.model.prompt import Recording
from tests.adapters.sim.kit import phone

FOREVER = 10**9


def _began(caller: ScriptedPhone, name: str, at_ms: int) -> None:
    caller.began(Recording(name, name, "", 1000), at_ms)


def _all(caller: ScriptedPhone, until_ms: int = FOREVER) -> list[tuple[int, str]]:
    found = []
    while (happening := caller.next(0, until_ms, Listening.NOT)) is not None:
        found.append((happening.at_ms, happening.key or happening.deed.value))
    return found


def test_keys_follow_each_other() -> None:
    caller = phone({"presses": "12"}, {"waits": "1s"}, {"presses": "3", "apart": "500ms"})
    assert _all(caller) == [(120, "1"), (240, "2"), (1740, "3")]


def test_nothing_happens_before_its_time() -> None:
    caller = phone({"presses": "12"})
    assert _all(caller, 119) == []
    assert _all(caller, 120) == [(120, "1")]
    assert _all(caller, 240) == [(240, "2")]


def test_hearing_waits_for_the_prompt_and_passes_over_others() -> None:
    caller = phone({"hears": "menu"}, {"presses": "1"}, "hangs_up")
    _began(caller, "welcome", 0)
    assert _all(caller) == []
    _began(caller, "menu", 1000)
    assert _all(caller) == [(1120, "1"), (1120, "hangup")]


def test_a_prompt_that_began_while_keys_were_pressed_was_heard() -> None:
    caller = phone({"presses": "12"}, {"hears": "menu"}, {"presses": "3"})
    assert _all(caller, 120) == [(120, "1")]
    _began(caller, "menu", 130)
    assert _all(caller) == [(240, "2"), (360, "3")]


def test_each_hearing_looks_after_the_one_before() -> None:
    caller = phone({"hears": "menu"}, {"hears": "menu"}, "hangs_up")
    _began(caller, "menu", 0)
    assert _all(caller) == []
    _began(caller, "menu", 5000)
    assert _all(caller) == [(5000, "hangup")]


def test_a_prompt_that_does_not_come_in_time_ends_the_call() -> None:
    caller = phone({"hears": "welcome"}, {"hears": "menu", "within": "2s"}, {"presses": "1"})
    _began(caller, "welcome", 500)
    assert _all(caller, 2499) == []
    _began(caller, "ad", 1500)
    assert _all(caller) == [(2500, "hangup")]
    assert caller.unfinished() == (
        "the prompt `menu` was not heard within 2000 ms; heard since: ad",
    )


def test_a_prompt_that_comes_late_is_not_in_time() -> None:
    caller = phone({"hears": "menu", "within": "2s"}, {"presses": "1"})
    _began(caller, "menu", 2001)
    assert _all(caller) == [(2000, "hangup")]
    assert caller.unfinished()


def test_what_was_never_heard_is_said() -> None:
    caller = phone({"hears": "welcome"}, {"hears": "menu"})
    _began(caller, "welcome", 0)
    _all(caller)
    assert caller.unfinished() == ("the prompt `menu` was never heard; heard since: nothing",)


def test_a_script_that_is_done_is_finished() -> None:
    caller = phone({"hears": "welcome"}, {"presses": "1"})
    _began(caller, "welcome", 0)
    _all(caller)
    assert caller.unfinished() == ()


def test_speaking_takes_its_time() -> None:
    caller = phone({"says": "hello", "takes": "3s"}, {"presses": "#"})
    assert caller.next(0, FOREVER, Listening.VOICE) == Happening(0, Deed.VOICE, ms=3000)
    assert _all(caller) == [(3120, "#")]
