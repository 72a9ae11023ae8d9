"""AGI commands as bytes: always one line that Asterisk reads back as the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.adapters.agi.encoder import MAX_ARGUMENTS, MAX_BYTES, encode
from ivr.adapters.agi.errors import LocalProtocolError


def as_asterisk_reads(line: bytes) -> list[str]:
    """Split a line the way res_agi does: quotes group, a backslash takes the next character."""
    words: list[str] = []
    word: str | None = None
    quoted = escaped = False
    for character in line.decode().removesuffix("\n"):
        if escaped:
            word, escaped = (word or "") + character, False
        elif character == "\\":
            word, escaped = word or "", True
        elif character == '"':
            word, quoted = word or "", not quoted
        elif character in " \t" and not quoted:
            if word is not None:
                words.append(word)
            word = None
        else:
            word = (word or "") + character
    return words if word is None else [*words, word]


def test_plain_words_stay_plain() -> None:
    assert encode("WAIT", "FOR", "DIGIT", "250") == b"WAIT FOR DIGIT 250\n"


def test_anything_else_is_quoted() -> None:
    line = encode("STREAM", "FILE", "/p/a", "0123456789*#", "0")
    assert line == b'STREAM FILE /p/a "0123456789*#" 0\n'
    assert encode("STREAM", "FILE", "/p/a", "", "0") == b'STREAM FILE /p/a "" 0\n'


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8")), min_size=1))
def test_asterisk_reads_back_the_same_words(words: list[str]) -> None:
    try:
        line = encode(*words)
    except LocalProtocolError:
        assert len(words) > MAX_ARGUMENTS or sum(map(len, words)) > MAX_BYTES // 8
        return
    assert line.count(b"\n") == 1
    assert as_asterisk_reads(line) == words


@given(
    st.text(), st.sampled_from("\r\n\0"), st.text(), st.integers(min_value=0, max_value=MAX_BYTES)
)
def test_a_line_break_is_always_refused(before: str, control: str, after: str, pad: int) -> None:
    with pytest.raises(LocalProtocolError):
        encode("SET", "VARIABLE", "X", before + control + after + "x" * pad)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param((), id="none"),
        pytest.param(("NOOP",) * (MAX_ARGUMENTS + 1), id="too many"),
        pytest.param(("NOOP", "x" * MAX_BYTES), id="too long"),
        pytest.param(("NOOP", "钱" * 700), id="too long in bytes"),
        pytest.param(("NOOP", "\ud800"), id="no Unicode"),
    ],
)
def test_what_asterisk_would_cut_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(LocalProtocolError):
        encode(*words)


def test_the_limits_themselves_are_fine() -> None:
    assert len(encode("NOOP", "x" * (MAX_BYTES - 6))) == MAX_BYTES
    assert encode(*["NOOP"] * MAX_ARGUMENTS).count(b" ") == MAX_ARGUMENTS - 1


def test_the_error_never_repeats_the_argument() -> None:
    for argument in ("4929\n", "4929" + "\ud800", "4929" * 600):
        with pytest.raises(LocalProtocolError) as caught:
            encode("SET", "VARIABLE", "X", argument)
        assert "4929" not in repr(caught.value)
        assert caught.value.__cause__ is None
