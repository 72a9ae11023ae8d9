"""Secure windows, as the configuration has them."""

from __future__ import annotations

from ivr.adapters.ami.client import AmiClient
from ivr.adapters.ami.recorders import AmiRecorders
from ivr.adapters.budget import Budgeted
from ivr.adapters.preflight.gather import Preflight
from ivr.adapters.preflight.running import Console
from ivr.adapters.window.closed import ClosedWindow
from ivr.adapters.window.secure import SecureWindow, Silence
from ivr.app.config import Config
from ivr.ports.window import Window

UNCONFIGURED = (
    "not configured: without `ami`, `window.asterisk_conf` and `window.asterisk` nobody can say "
    "whether Asterisk records or logs what a caller keys (docs/secure-window.md)"
)


def window_of(config: Config, client: AmiClient | None) -> Window:
    """Return the windows of an engine; without all it takes they never open."""
    wanted = config.window
    if client is None or wanted.asterisk_conf is None or not wanted.asterisk:
        return ClosedWindow(UNCONFIGURED)
    preflight = Preflight(wanted.asterisk_conf, Console(wanted.asterisk), wanted.keep)
    recorders = AmiRecorders(client, wanted.confirm)
    secure = SecureWindow(client, recorders, preflight.problem, Silence(wanted.recorders))
    return Budgeted("window", secure, wanted.budget)
