"""Where what the hotline knows and does is: the bank, its gateway, messages, branches, ledgers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ivr.app.config.section import Section
from ivr.centre.pin import MAX_ATTEMPTS_TRUNK
from ivr.model.duration import Duration


class BackendConfig(Section):
    """Which backend a port has, and where that is (docs/backends.md)."""

    backend: str = Field(
        "embedded", description="`embedded`, or `http` for a system of the bank's."
    )
    file: Path = Field(description="The embedded backend's database.")
    url: str = Field("", description="Where the `http` backend is: https://host, or loopback.")
    token_file: Path | None = Field(
        None, description="A file of mode 0600 that holds the token the `http` backend wants."
    )
    ca_file: Path | None = Field(
        None, description="Who signs that backend's certificate, if the machine does not know them."
    )
    budget: Duration = Field(3000, description="Longest wait for an answer.")
    delay: Duration = Field(0, description="Answer this much later: for rehearsals and tests.")

    @field_validator("url")
    @classmethod
    def _safe(cls, url: str) -> str:
        parts = urlsplit(url)
        near = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if url and (not parts.hostname or (parts.scheme != "https" and not near)):
            raise ValueError(f"{url}: write https://host; http:// is for loopback only")
        return url.rstrip("/")


class BankConfig(BackendConfig):
    """Which bank the hotline speaks for."""

    file: Path = Field(Path("var/bank.sqlite"), description="The embedded bank's database.")
    look_up: Duration = Field(
        800,
        description="Longest wait for what only makes a call personal: who calls, what they hold, "
        "what is open.",
    )
    trunk_attempts: int = Field(
        MAX_ATTEMPTS_TRUNK,
        ge=20,
        description="Wrong PINs that may come by one trunk within an hour, whatever the calling numbers "
        "(the embedded bank); then no PIN that comes by it is looked at.",
    )


class PaymentsConfig(BackendConfig):
    """Which gateway takes money from cards."""

    file: Path = Field(Path("var/payments.sqlite"), description="The sandbox gateway's database.")
    budget: Duration = Field(5000, description="Longest wait for an answer.")
    seal: tuple[Path, ...] = Field(
        (),
        max_length=2,
        description="Certificates (PEM) of the bank, to which cards are encrypted as soon as they are "
        "keyed; two while keys change. Left out: the gateway takes cards as they are.",
    )


class NotifyConfig(BackendConfig):
    """How customers are sent messages."""

    file: Path = Field(Path("var/notify.sqlite"), description="What the embedded one has sent.")
    texts: Path | None = Field(
        None, description="Folder of the bank's own texts of messages, `<language>.yaml`."
    )


class KnowledgeConfig(BackendConfig):
    """Where branches and fees are looked up."""

    file: Path = Field(Path("var/knowledge.sqlite"), description="The embedded database.")


class OrdersConfig(Section):
    """Where orders are written down before they are carried out (docs/ledger.md)."""

    backend: str = Field(
        "",
        description="`sqlite`: ledger.sqlite in the state folder; `postgres`: shared by nodes. "
        "Left out: where `database` says.",
    )
    url: str = Field(
        "", description="For a postgres of its own: postgresql://user@host:5432/database."
    )
    password_file: Path | None = Field(
        None, description="A file of mode 0600 that holds that user's password only."
    )
    owner: str = Field("operations", description="Who owns the case of an order of unknown result.")
    budget: Duration = Field(3000, description="Longest wait for the ledger.")


class ProfilesConfig(Section):
    """What is remembered of customers between calls."""

    budget: Duration = Field(
        800, description="Longest wait for a profile; then the caller hears the standard menu."
    )
    delay: Duration = Field(0, description="Answer this much later: for rehearsals and tests.")
