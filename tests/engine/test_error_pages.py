"""The pages of error codes: what they call wrong is found to be, and what they call right is not."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ivr.adapters.flowfile import load_files
from ivr.app.config import Config
from ivr.app.proving import prove_flows
from ivr.model.codes import Code
from ivr.model.problem import Severity
from tests.broken.kit import BASE, flow_files, told

PAGES = Path(__file__).parents[2] / "docs" / "errors"
EXAMPLES = re.compile(
    r"^Wrong:\n\n```yaml\n(.+?)^```\n\nRight:\n\n```yaml\n(.+?)^```\n", re.M | re.S
)
NO_EXAMPLE = {
    Code.UNREADABLE,
    Code.TOO_LARGE,
    Code.CONTROL_CHARACTER,
    Code.EMPTY_FILE,
    Code.NO_FLOWS,
    # These take a step type that is wrong.
    Code.SECRET_TOLD,
    Code.HANGUP_LOST,
    Code.KEYS_MOVE,
}
PROVED = [code for code in Code if code > "IVR5" and code not in NO_EXAMPLE]
MONDAY = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
STATIC = [code for code in Code if code < "IVR5" and code not in NO_EXAMPLE]

FRAME = {
    "menu": "{say: main-menu, next: goodbye}",
    "agent": "{queue: service, on: {served: goodbye, timeout: goodbye, full: goodbye, empty: goodbye, closed: goodbye, overflow: goodbye}}",
    "goodbye": "{hangup: done}",
}
"""Steps that an example may lead to."""
ASK = """\
  ask:
    menu: {prompt: main-menu, choices: {1: menu, 0: agent}}
    on: {no_input: goodbye, invalid: goodbye}
"""
HOURS = """\
  when:
    hours: service
    on: {open: agent, closed: goodbye, holiday: goodbye}
"""
BESIDE = {
    "authenticate": "authenticate",
    "requires": "authenticate",
    "after-agent": "surveys/after-agent",
    "complaints: {cases": "cases",
    "talks: reminder": "reminder",
    "campaign_result": "campaigns/reminders",
}
"""Words of an example, and the files of the sound hotline that are there for them."""
ALWAYS = ("service", "queues", "agents")
"""Files of the sound hotline that are there for every example: their rules name a calendar."""
MAIN_MENU = re.compile(r"^main-menu: (?:>-\n(?:  .+\n)+|.+\n)", re.M)
CHINESE = "main-menu: 查询余额请按一，人工服务请按零。\n"
FILE = re.compile(r"# ((?:flows|prompts)/\S+)\n")


def flow(steps: str) -> str:
    """Return the flow `main` with an example's steps, the first of them its start."""
    first, *_ = re.findall(r"^  ([a-z-]+):", steps, re.M)
    for name, step in FRAME.items():
        if re.search(rf"\b{name}\b", steps) and f"\n  {name}:" not in steps:
            steps += f"  {name}: {step}\n"
    head = f'flow: main\nnumbers: ["95500"]\nlanguages: [zh, en]\nstart: {first}\nsteps:\n'
    return head + steps


def files(example: str) -> dict[str, str]:
    """Return a hotline with an example in it: steps of a flow, or a file that begins with its
    name."""
    named = FILE.match(example)
    path, text = (named[1], example[named.end() :]) if named else ("flows/main.yaml", flow(example))
    prompts = {name: text for name, text in BASE.items() if name.startswith("prompts/")}
    prompts["prompts/zh.yaml"] = MAIN_MENU.sub(CHINESE, prompts["prompts/zh.yaml"])
    if path in prompts:
        text = MAIN_MENU.sub("", prompts[path]) + text
    asked = {name for word, name in BESIDE.items() if word in example}
    main = flow(HOURS if path == "flows/service.yaml" else ASK)
    beside = {f"flows/{name}.yaml": BASE[f"flows/{name}.yaml"] for name in (*asked, *ALWAYS)}
    return {**prompts, **beside, "flows/main.yaml": main, path: text}


@pytest.mark.parametrize("code", STATIC)
def test_the_wrong_example_is_and_the_right_one_is_not(code: Code) -> None:
    page = (PAGES / f"{code}.md").read_text("utf-8")
    found = EXAMPLES.search(page)
    assert found is not None
    wrong = {problem.severity for problem in told(files(found[1])) if problem.code == code}
    assert wrong
    assert ("*A warning" in page) == (Severity.ERROR not in wrong)
    assert [problem for problem in told(files(found[2])) if problem.code == code] == []


@pytest.mark.proof
@pytest.mark.timeout(60)
@pytest.mark.parametrize("code", PROVED)
def test_the_wrong_example_is_proved_to_be_and_the_right_one_is_not(code: Code) -> None:
    found = EXAMPLES.search((PAGES / f"{code}.md").read_text("utf-8"))
    assert found is not None
    wrong, right = (
        {problem.code for problem in prove_flows(flow_set, Config(), now=MONDAY).problems}
        for flow_set in (load_files(flow_files(files(example))) for example in found.groups())
    )
    assert code in wrong
    assert code not in right
