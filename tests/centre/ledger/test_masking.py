"""Of long numbers people see the last four digits."""

from __future__ import annotations

import pytest

from ivr.centre.ledger.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6222021001", "••••1001"),
        ("to 6222021001, 6217000200033344556.", "to ••••1001, ••••4556."),
        ("12345678", "••••5678"),
        ("1234567", "1234567"),
        ("2026-11-23 1002 123.45", "2026-11-23 1002 123.45"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
