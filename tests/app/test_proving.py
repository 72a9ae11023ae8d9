"""Proofs with the demo bank around them: counter-examples are run before they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ivr.adapters.flowfile import load_files
from ivr.adapters.sim.callers import dump_caller, parse_caller
from ivr.app.config import Config, LimitsConfig
from ivr.app.proving import Proof, prove_flows
from ivr.model.codes import Code
from ivr.model.errors import FlowError
from tests.engine.prove.kit import SOUND, changed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONFIG = Config(prompts=Path("/nonexistent"), limits=LimitsConfig(steps=30))


def proof(*changes: tuple[str, str]) -> Proof:
    return prove_flows(changed(*changes), CONFIG, now=NOON)


def test_a_sound_flow_has_no_findings() -> None:
    proved = proof()
    assert proved.ok
    assert proved.problems == ()
    assert (proved.failures, proved.within_ms) == (3, 120_000)
    assert proved.statistics.steps == 5


@pytest.mark.proof
@pytest.mark.timeout(60)
def test_a_counter_example_was_seen_to_run_and_survives_its_file() -> None:
    # Only the account and the PIN of a customer come as far as the second balance, and only there
    # is the amount of another currency.
    # That its level may have expired before the first is another finding.
    [_, finding] = proof(
        (
            "tell: {say: hello, next: menu}",
            "tell: {authenticate: {}, on: {ok: sum, failed: menu, locked: menu, "
            "unavailable: menu, no_input: menu}}\n"
            "  sum: {balance: {into: b}, on: {done: rich, unavailable: menu}}\n"
            "  rich: {branch: [{when: \"{{ b > money('1', 'USD') }}\", then: menu}], next: menu}",
        )
    ).findings
    assert (finding.problem.code, finding.problem.place.line) == (Code.STEP_FAILS, 12)
    assert finding.keys == "1 6222021001# 408297#"
    assert finding.shown
    assert finding.caller is not None
    assert finding.caller.expects.not_entered == ("main.rich",)
    assert parse_caller(dump_caller(finding.caller).encode(), "x") == finding.caller


def test_ports_that_fail_and_people_who_are_not_there_are_written_down() -> None:
    findings = proof(
        (
            "tell: {say: hello, next: menu}",
            'tell: {branch_hours: "105", on: {open_today: menu, closed_today: menu, '
            "not_found: menu, unavailable: sum}}\n"
            "  sum: {balance: {account: '6222021001', into: b}, on: {done: menu, unavailable: menu}}",
        )
    ).findings
    [level] = [one for one in findings if one.problem.code == Code.LEVEL_TOO_LOW]
    assert level.shown
    assert level.caller is not None
    assert level.caller.simulated_only
    assert level.caller.faults["knowledge"].fails


def test_what_reaches_a_limit_goes_round_until_it_does() -> None:
    [finding] = proof(("on: {error: agent}\n", "")).findings
    assert (finding.problem.code, finding.shown) == (Code.NOBODY_TAKES, True)
    assert finding.keys == "(1)×15"


def test_another_limit_may_come_sooner_than_that_of_steps() -> None:
    """Ten rounds of three silences, and the next one is a failure too many."""
    config = CONFIG.model_copy(update={"limits": LimitsConfig(steps=900, failures=30)})
    again = ("on: {no_input: agent, invalid", "on: {no_input: tell, invalid")
    flows = changed(("on: {error: agent}\n", ""), again)
    [_, finding] = prove_flows(flows, config, now=NOON).findings
    assert (finding.problem.code, finding.shown) == (Code.NOBODY_TAKES, True)
    assert finding.keys == "(…)×30"


def test_a_flow_that_is_not_there_is_refused() -> None:
    with pytest.raises(FlowError, match="no flow `other`"):
        prove_flows(changed(), CONFIG, flow="other")
    silent = load_files({"main.yaml": SOUND.replace('numbers: ["95500"]\n', "")})
    with pytest.raises(FlowError, match="no flow has `numbers`"):
        prove_flows(silent, CONFIG)
    assert prove_flows(silent, CONFIG, flow="main", now=NOON).ok
