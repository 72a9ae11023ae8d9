"""Log lines as JSON, one object each, with the call they are about.

`{"at": ISO 8601, "level": "warning", "logger": "ivr.store", "message": …, "call": UNIQUEID, "node": …}`, and
`"error"` with the traceback of a crash: where it happened, never the values of variables. What must not be
read prints as bullets by its own type (`Secret`), whoever logs it.
"""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from datetime import datetime, tzinfo

import msgspec

_CALL: ContextVar[str] = ContextVar("call", default="")


def about(call_id: str) -> None:
    """Have the lines of this task from now on, and of those it begins, say which call they are about."""
    _CALL.set(call_id)


class JsonLines(logging.Formatter):
    """Formats records. Times are in `zone`; `node` is this engine's name, empty where it is alone."""

    def __init__(self, zone: tzinfo, node: str = "") -> None:
        super().__init__()
        self._zone = zone
        self._node = node

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, self._zone),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call := _CALL.get():
            line["call"] = call
        if self._node:
            line["node"] = self._node
        if record.exc_info:
            line["error"] = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        return msgspec.json.encode(line).decode()
