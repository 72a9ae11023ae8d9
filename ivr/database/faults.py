"""What PostgreSQL answers, in one line that holds no secret and nothing of a customer."""

from __future__ import annotations

import psycopg

from ivr.model.errors import PortError

_HINTS = {
    "28": "does not let us in: see to the user and the password in the URL",
    "3D": "is not there: make it with `createdb`",
    "42501": "may not be used: let the user of the URL make schemas in it, and own them",
    "25006": "is read-only: name the server that writes",
    "53100": "cannot grow: the disk is full",
    "53300": "takes no more connections: raise its max_connections",
    "55P03": "is kept locked by another process: end that process",
    "57P": "is being shut down or started",
}
"""By SQLSTATE, or how it begins."""

_UNREACHABLE = "cannot be reached: see that the server runs, and to the host in the URL"
_REFUSALS = {
    "authentication failed": "28",
    "pg_hba.conf": "28",
    'role "': "28",
    "does not exist": "3D",
    "connection slots": "53300",
    "too many": "53300",
    "starting up": "57P",
    "not yet accepting": "57P",
    "shutting down": "57P",
}
"""What a refusal to connect says, which comes without a SQLSTATE."""

_PASSING = ("08", "25006", "25P03", "40", "53", "55P03", "57P", "58")
"""What goes away by itself, or when somebody sees to the server."""


def explain(error: psycopg.Error, port: str, name: str) -> PortError:
    """Say a database's fault: what, where, what to do. Of its own words only those that quote no value."""
    code = error.sqlstate or ""
    if not code and isinstance(error, psycopg.OperationalError):
        code = next((code for said, code in _REFUSALS.items() if said in str(error)), "")
        problem = _HINTS.get(code, _UNREACHABLE)
        return PortError(port, f"the database {name} {problem}", retryable=True)
    hint = next((hint for start, hint in _HINTS.items() if code.startswith(start)), None)
    said = error.diag.message_primary or type(error).__name__
    retryable = code.startswith(_PASSING)
    return PortError(
        port, f"the database {name} {hint or f'answered: {said}'}", retryable=retryable
    )
