"""What fuzzing begins with: files and bytes as they are in earnest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

_ENVIRONMENT = b"".join(
    b"agi_%s: %s\n" % pair
    for pair in (
        (b"network", b"yes"),
        (b"request", b"agi://127.0.0.1:4573/call"),
        (b"channel", b"PJSIP/carrier-0000001a"),
        (b"language", b"en"),
        (b"uniqueid", b"1764000000.17"),
        (b"callerid", b"13800001001"),
        (b"extension", b"95500"),
        (b"context", b"hotline"),
    )
)
_REPLIES = (
    b"200 result=0\n200 result=49 endpos=8000\n200 result=1 (timeout)\n",
    b"200 result=-1\nHANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n",
    b"510 Invalid or unknown command\n520-Invalid command syntax.  Proper usage follows:\nUsage: X\n520 End of proper usage.\n",
    b"100 Trying...\n200 result=1 (SUCCESS)\nHANGUP\n",
)
_EVENTS = (
    b"Asterisk Call Manager/9.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n",
    b"Event: Hangup\r\nChannel: PJSIP/carrier-0000001a\r\nUniqueid: 1764000000.17\r\nCause: 16\r\n\r\n",
    b"Event: BridgeEnter\r\nBridgeUniqueid: b1\r\nUniqueid: 1.1\r\nChannel: PJSIP/agent1001-1\r\nCallerIDName: \xe5\xbc\xa0\r\n\r\n",
)
_COMMANDS = (
    'STREAM FILE\x1fzh/welcome\x1f0123456789*#\x1f0',
    'SET VARIABLE\x1fIVR_DONE\x1fa "quoted" \\ word',
)  # fmt: skip
_ACTIONS = ("Channel\x1fPJSIP/carrier-0000001a\x1fContext\x1fengine\x1fPriority\x1f1",)
_EXPRESSIONS = (
    "what == 'pay'",
    "10 if customer.segment == 'vip' else 0",
    "'fund' in customer.products",
    "balance - amount >= money('100')",
    "known(nothing) and not done or tries + 2 * 3 < 9",
)
_BODIES = (
    b'\x00{"ani": "13800001001"}',
    b'\x01{"account": "6222021001", "pin": "000000"}',
    b'\x02{"customer": "C1001", "amount": {"minor": 100, "currency": "CNY"}}',
)


def seeds(target: str) -> Iterator[bytes]:
    """Yield the seeds of a target."""
    match target:
        case "yaml":
            yield from (file.read_bytes() for file in sorted(ROOT.glob("flows/*.yaml")))
        case "agi":
            yield from (
                b"\x03\x05\x01\x09\x02\x04\x07\x08" + _ENVIRONMENT + b"\n" + one for one in _REPLIES
            )
        case "ami":
            yield from (b"\x03\x05\x01\x09\x02\x04\x07\x08" + one for one in _EVENTS)
        case "command":
            yield from (one.encode() for one in _COMMANDS)
        case "action":
            yield from (one.encode() for one in _ACTIONS)
        case "expression":
            yield from (one.encode() for one in _EXPRESSIONS)
        case "http":
            yield from _BODIES
