"""First words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.engine.excerpt import shortened


@given(st.text(), st.integers(min_value=2, max_value=20))
def test_shortened_texts_fit(text: str, columns: int) -> None:
    short = shortened(text, columns)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert len(short) <= columns
    assert shortened("一二三四", 8) == "一二三四"
    assert shortened("一二三四五", 8) == "一二三…"
    assert shortened("ＡＢＣＤＥ", 8) == "ＡＢＣ…"
