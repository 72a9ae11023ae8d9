"""What can go wrong between Asterisk and us.

OneCallError
├── LocalProtocolError   we tried what AGI cannot carry or does not allow now
├── RemoteProtocolError  the peer sent what is no AGI, or more than we read
└── ListenError          the server cannot listen
"""

from __future__ import annotations

from ivr.model.errors import OneCallError


class LocalProtocolError(OneCallError):
    """Our own mistake: an argument AGI cannot carry, or a command while one is pending.

    The text never holds the argument.
    """


class RemoteProtocolError(OneCallError):
    """The peer broke the protocol or a limit; nothing more can be believed of this connection."""


class ListenError(OneCallError):
    """The server cannot listen on its address; the text says what to do."""
