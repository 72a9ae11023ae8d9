"""A person at the terminal."""

from __future__ import annotations

from ivr.adapters.sim.console import HELP, ConsolePhone
from ivr.adapters.sim.phone import Deed, Happening, Listening


class Terminal:
    """Lines to be typed, and what was shown."""

    def __init__(self, *lines: str | None) -> None:
        self._lines = list(lines)
        self.asked: list[str] = []
        self.told: list[str] = []

    def phone(self) -> ConsolePhone:
        return ConsolePhone(self._ask, self.told.append)

    def _ask(self, question: str) -> str | None:
        self.asked.append(question)
        return self._lines.pop(0)


def test_keys_are_asked_for_when_the_line_waits_and_only_then() -> None:
    terminal = Terminal("12")
    phone = terminal.phone()
    assert phone.next(0, 1000, Listening.NOT) is None
    assert terminal.asked == []
    assert phone.next(1000, 6000, Listening.KEY) == Happening(1000, Deed.KEY, "1")
    assert "5 s" in terminal.asked[0]
    assert phone.next(1000, 1100, Listening.NOT) is None
    assert phone.next(1100, 2000, Listening.NOT) == Happening(1120, Deed.KEY, "2")
    assert len(terminal.asked) == 1


def test_an_empty_line_is_silence() -> None:
    terminal = Terminal("", "5")
    phone = terminal.phone()
    assert phone.next(0, 5000, Listening.KEY) is None
    assert phone.next(5000, 9000, Listening.KEY) == Happening(5000, Deed.KEY, "5")


def test_hanging_up() -> None:
    for line in ("h", "H ", None):
        assert Terminal(line).phone().next(7, 9, Listening.KEY) == Happening(7, Deed.HANGUP)
        assert Terminal(line).phone().next(7, 9, Listening.VOICE) == Happening(7, Deed.HANGUP)


def test_what_is_no_key_is_explained_and_asked_again() -> None:
    terminal = Terminal("one", "1 2")
    assert terminal.phone().next(0, 9, Listening.KEY) == Happening(0, Deed.KEY, "1")
    assert terminal.told == [HELP]


def test_speaking_is_asked_for_once_a_recording() -> None:
    terminal = Terminal("please call me back#", "")
    phone = terminal.phone()
    spoken = phone.next(0, 4000, Listening.VOICE)
    assert spoken is not None
    assert spoken.deed is Deed.VOICE
    assert phone.next(spoken.ms, 9999, Listening.VOICE) == Happening(spoken.ms, Deed.KEY, "#")
    assert len(terminal.asked) == 1
    assert phone.next(9000, 9500, Listening.NOT) is None
    assert phone.next(9500, 13_500, Listening.VOICE) is None
    assert phone.next(13_500, 13_600, Listening.VOICE) is None
    assert len(terminal.asked) == 2
