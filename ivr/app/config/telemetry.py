"""What operators see of the engine (docs/telemetry.md)."""

from __future__ import annotations

import enum

from pydantic import Field

from ivr.app.config.section import Section


class LogFormat(enum.StrEnum):
    """How log lines look."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class TelemetryConfig(Section):
    """Log lines and traces. Metrics are at `/metrics` of the `floor` port, for Prometheus."""

    log: LogFormat = Field(
        LogFormat.AUTO,
        description="`json`: an object a line, with the call it is about; `text`: lines for people; `auto`: text, in "
        "colour on a terminal.",
    )
    traces: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Where an OpenTelemetry collector takes traces (OTLP over HTTP), such as "
        "http://127.0.0.1:4318/v1/traces; empty for none. Needs the extra `telemetry`.",
    )
