"""Where the configuration has OneCall keep its own data."""

from __future__ import annotations

from ivr.app.config import Config, ConfigError, folder, read_secret
from ivr.database import Kind, Place, Server, there
from ivr.model.secret import Secret


def place(config: Config, file: str) -> Place:
    """Return where a database is: the server, or a file of the state folder. Raises ConfigError."""
    return server(config) or config.state / file


def kept(config: Config, file: str, kind: Kind) -> Place | None:
    """Return where a database is that somebody has begun; None: nobody has. Raises ConfigError,
    PortError."""
    found = place(config, file)
    return found if there(found, kind) else None


def made(config: Config, file: str) -> Place:
    """Return where a database is to be made, with its folder. Raises ConfigError."""
    return server(config) or folder(config.state) / file


def server(config: Config) -> Server | None:
    """Return the server that holds everything; None: SQLite files do. Raises ConfigError."""
    url_file = config.database.url_file
    if url_file is None:
        return None
    try:
        import psycopg  # noqa: F401 - an engine of one node does without

        return Server(Secret(read_secret(url_file)))
    except ModuleNotFoundError as error:
        hint = "pip install 'onecall[postgresql]'"
        raise ConfigError(f"database: url_file: PostgreSQL needs a driver: {hint}") from error
    except ValueError as error:
        raise ConfigError(f"{url_file}: {error}") from error
