"""What the synthetic Asterisk says is what the engine's own parser takes from the real one."""

from __future__ import annotations

import pytest

from bench.wire import KEYS, MENU, NUMBERS, WAIT, answer, environment, menu_commands
from ivr.adapters.agi.encoder import encode
from ivr.adapters.agi.environment import Environment
from ivr.adapters.agi.protocol import Hangup, Protocol, Reply


@pytest.mark.parametrize("script", [MENU, KEYS])
def test_the_environment_is_a_call_to_the_scripts_number(script: str) -> None:
    protocol = Protocol()
    messages = [
        message
        for line in environment(script, port=4573, number=7)
        for message in protocol.receive(line)
    ]
    (call,) = messages
    assert isinstance(call, Environment)
    assert (call.script, call.extension, call.dnid) == (script, NUMBERS[script], NUMBERS[script])
    assert call.uniqueid == "bench-4573.7"
    assert call.callerid == "13800000007"


def test_every_command_of_the_menu_call_has_an_answer() -> None:
    protocol = Protocol()
    for line in environment(MENU, port=1, number=1):
        protocol.receive(line)
    answers = []
    for command in menu_commands():
        protocol.send(encode("NOOP"))
        answers.append(protocol.receive(answer(command.encode())))
    assert answers[0] == [Reply(200, "0", "", 1600)]
    assert answers[1] == [Reply(200, "49")]
    assert answers[4] == [Reply(200, "1"), Hangup()]
    assert [found[0] for found in answers].count(Reply(200, "49")) == menu_commands().count(WAIT)
