"""µ-law (G.711) to linear samples and back, as Asterisk does it.

Two codes, 0x7F and 0xFF, both mean zero: the only pair that does not survive the way through
linear samples.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

BASES = (0, 132, 396, 924, 1980, 4092, 8316, 16764)


def _linear(code: int) -> int:
    inverted = 255 - code
    exponent = (inverted & 0x70) >> 4
    value = BASES[exponent] + ((inverted & 0x0F) << (exponent + 3))
    return -value if inverted & 0x80 else value


LINEAR = tuple(_linear(code) for code in range(256))
"""The linear sample (signed, 16 bit) of each code."""

_LOW = bytes(value & 0xFF for value in LINEAR)
_HIGH = bytes(value >> 8 & 0xFF for value in LINEAR)
_BY_VALUE = sorted((value, code) for code, value in enumerate(LINEAR) if code != 0x7F)
_VALUES = [value for value, _ in _BY_VALUE]


def decode(codes: bytes) -> bytes:
    """Return signed 16-bit little-endian samples, two bytes a code."""
    samples = bytearray(2 * len(codes))
    samples[0::2] = codes.translate(_LOW)
    samples[1::2] = codes.translate(_HIGH)
    return bytes(samples)


def encode(samples: Iterable[int]) -> bytes:
    """Return the code nearest to each sample."""
    return bytes(_nearest(sample) for sample in samples)


def _nearest(sample: int) -> int:
    at = bisect_left(_VALUES, sample)
    around = _BY_VALUE[max(0, at - 1) : at + 1]
    return min(around, key=lambda pair: abs(pair[0] - sample))[1]
