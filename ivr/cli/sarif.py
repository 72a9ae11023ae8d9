"""Problems as SARIF 2.1.0, the form that code hosting and editors read findings in."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ivr.cli.explain import page
from ivr.model.codes import Code
from ivr.model.problem import Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(problems: Sequence[Problem]) -> dict[str, Any]:
    """Return a log of one run. Its rules are the codes that were found, each with its page."""
    codes = sorted({Code(problem.code) for problem in problems})
    driver = {
        "name": "ivr",
        "version": version("onecall"),
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(Code(problem.code))) for problem in problems],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Any]:
    text = page(code)
    return {
        "id": code.value,
        "name": code.name.title().replace("_", ""),
        "shortDescription": {"text": code.summary},
        "help": {"text": text, "markdown": text},
    }


def _result(problem: Problem, rule: int) -> dict[str, Any]:
    place = problem.place
    return {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": problem.severity.value,
        "message": {
            "text": f"{problem.message}: {problem.hint}" if problem.hint else problem.message
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(PurePath(place.file)),
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ],
    }


def _artifact(file: PurePath) -> dict[str, str]:
    """Return where a file is: relative to the project, where it is in it."""
    if file.is_absolute():
        return {"uri": file.as_uri()}
    return {"uri": quote(file.as_posix()), "uriBaseId": "%SRCROOT%"}
