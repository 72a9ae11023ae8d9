"""What a call came in by, as its channel's name tells."""

from __future__ import annotations

import pytest

from ivr.app.calls import trunk


@pytest.mark.parametrize(
    ("channel", "named"),
    [
        ("PJSIP/carrier-one-0000001a", "PJSIP/carrier-one"),
        ("PJSIP/carrier-one-1000001a", "PJSIP/carrier-one"),
        ("Local/95500@hotline-00000003;2", "Local/95500@hotline"),
        ("DAHDI/i1/13800001001-1f", ""),
        ("", ""),
    ],
)
def test_the_trunk_of_a_channel(channel: str, named: str) -> None:
    assert trunk(channel) == named
