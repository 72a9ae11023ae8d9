"""Asking callers about the service on a running engine: in the call, afterwards, and never twice."""
