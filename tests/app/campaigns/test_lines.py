"""The calls of campaigns that are not over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivr.app.campaigns.lines import Lines
from tests.centre.campaigns.kit import contact

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("answered", [False, True])
def test_a_call_without_an_agent_may_be_a_drop_until_it_is_over(answered: bool) -> None:
    lines = Lines()
    line = lines.add(contact(attempt="campaign-1"), "service", NOW, "")
    line.answered = answered
    assert lines.load(line.campaign, free=0).bare == 1
    lines.drop(line.attempt)
    assert lines.load(line.campaign, free=0).bare == 0
