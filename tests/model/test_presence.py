"""Conditions on what somebody may not have."""

from __future__ import annotations

import pytest

from ivr.model.expressions import Expression, holding
from ivr.model.values import Value

SCOPE: dict[str, Value] = {"loans": 60, "trainee": False, "caller": {"language": "en"}}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{{ loans >= 60 }}", True),
        ("{{ wealth >= 1 }}", False),
        ("{{ wealth < 1 }}", False),
        ("{{ not wealth >= 1 }}", True),
        ("{{ wealth >= 1 or loans >= 1 }}", True),
        ("{{ wealth >= 1 and loans >= 1 }}", False),
        ("{{ not (wealth >= 1 or trainee) }}", True),
        ("{{ caller.segment == 'vip' }}", False),
        ("{{ caller.language in 'zh en' }}", True),
        ("{{ (wealth if known(wealth) else 0) >= 0 }}", True),
        ("{{ wealth >= 1 if known(wealth) else loans >= 1 }}", True),
        ("{{ loans == 'good' }}", False),
        ("{{ loans }}", False),
        ("{{ true }}", True),
    ],
)
def test_what_is_missing_makes_the_smallest_truth_false(condition: str, holds: bool) -> None:
    assert holding(Expression(condition))(SCOPE) is holds
