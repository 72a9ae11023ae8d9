"""Configuration: one YAML file, `onecall.yaml`, read once at start.

Secrets are never in it: it names the files they are in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ivr.centre.guardrail import Settings
from ivr.centre.pin import MAX_ATTEMPTS_TRUNK
from ivr.model.duration import Duration
from ivr.model.errors import OneCallError
from ivr.model.limits import Limits

DEFAULT_FILE = Path("onecall.yaml")


class ConfigError(OneCallError):
    """The configuration cannot be used: what, where, and what to write instead."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgiConfig(_Section):
    """Where the engine listens for Asterisk."""

    host: str = Field("127.0.0.1", description="Address to listen on; loopback unless tunnelled.")
    port: int = Field(4573, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    max_calls: int = Field(4000, ge=1, description="Calls at a time; more go to the next node.")


class AmiConfig(_Section):
    """How the engine logs in to Asterisk's manager interface."""

    host: str = "127.0.0.1"
    port: int = Field(5038, ge=1, le=65535)
    user: str = "onecall"
    secret_file: Path = Field(description="A file of mode 0600 that holds the secret only.")
    queue_log: Path | None = Field(
        None, description="Asterisk's queue_log, if readable here: what was missed is read from it."
    )


class BackendConfig(_Section):
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

    def resolved(self, folder: Path) -> Self:
        """Return it with its paths made absolute from `folder`."""
        paths = {name: value for name, value in self if isinstance(value, Path)}
        return self.model_copy(update={name: folder / path for name, path in paths.items()})


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

    def resolved(self, folder: Path) -> Self:
        """Return it with its paths made absolute from `folder`."""
        seal = tuple(folder / path for path in self.seal)
        return super().resolved(folder).model_copy(update={"seal": seal})


class NotifyConfig(BackendConfig):
    """How customers are sent messages."""

    file: Path = Field(Path("var/notify.sqlite"), description="What the embedded one has sent.")
    texts: Path | None = Field(
        None, description="Folder of the bank's own texts of messages, `<language>.yaml`."
    )


class KnowledgeConfig(BackendConfig):
    """Where branches and fees are looked up."""

    file: Path = Field(Path("var/knowledge.sqlite"), description="The embedded database.")


class OrdersConfig(_Section):
    """Where orders are written down before they are carried out (docs/ledger.md)."""

    backend: str = Field(
        "sqlite",
        description="`sqlite`: ledger.sqlite in the state folder; `postgres`: shared by nodes.",
    )
    url: str = Field("", description="For postgres: postgresql://user@host:5432/database.")
    password_file: Path | None = Field(
        None, description="A file of mode 0600 that holds that user's password only."
    )
    owner: str = Field("operations", description="Who owns the case of an order of unknown result.")
    budget: Duration = Field(3000, description="Longest wait for the ledger.")


class ProfilesConfig(_Section):
    """What is remembered of customers between calls."""

    budget: Duration = Field(
        800, description="Longest wait for a profile; then the caller hears the standard menu."
    )
    delay: Duration = Field(0, description="Answer this much later: for rehearsals and tests.")


class WindowConfig(_Section):
    """How the engine makes sure that nothing records or logs a card number; needs `ami` as well."""

    asterisk_conf: Path | None = Field(
        None, description="Asterisk's configuration folder, such as /etc/asterisk."
    )
    asterisk: tuple[str, ...] = Field(
        (), description="Command for Asterisk's console, such as [asterisk]; `-rx …` is added."
    )
    recorders: Literal["mute", "stop"] = Field(
        "mute", description="What is done with recorders while a window is open."
    )
    confirm: Duration = Field(2000, description="Longest wait for the event that confirms it.")
    keep: Duration = Field(10_000, description="How long a preflight counts.")
    budget: Duration = Field(8000, description="Longest wait for a window to open.")


class LimitsConfig(_Section):
    """The limits of one call."""

    steps: int = Field(1000, ge=1)
    depth: int = Field(16, ge=1, le=64)
    failures: int = Field(30, ge=1)
    step: Duration = Field(300_000, description="Longest time in one step.")
    call: Duration = Field(3_600_000, description="Longest call.")

    def limits(self) -> Limits:
        """Return them as the engine wants them."""
        return Limits(
            steps=self.steps,
            depth=self.depth,
            failures=self.failures,
            step_ms=self.step,
            call_ms=self.call,
        )


class ProveConfig(_Section):
    """How near a person, or a promised call back, must be to every caller (`ivr prove`)."""

    failures: int = Field(3, ge=0, le=20, description="Failures of the caller on the way there.")
    within: Duration = Field(120_000, description="Time until then, hearing every prompt.")


class CanaryConfig(_Section):
    """How carefully `ivr publish --canary` tries a release; see docs/canary.md."""

    alpha: float = Field(0.05, gt=0, lt=1, description="Harmless canaries taken back, at most.")
    beta: float = Field(0.05, gt=0, lt=1, description="Harmful canaries called harmless, at most.")
    harm: float = Field(2.0, gt=1, description="The smallest factor on a rate worth stopping for.")
    floor: float = Field(0.02, gt=0, lt=1, description="Rates below this are no harm.")
    minimum: int = Field(10, ge=1, description="Callers who must have heard it before a verdict.")
    longest: Duration = Field(86_400_000, gt=0, description="What is not decided by then is ended.")
    settle: Duration = Field(0, description="A call counts when it is so old, and over.")

    def settings(self) -> Settings:
        """Return them as the guardrail wants them."""
        return Settings(
            alpha=self.alpha,
            beta=self.beta,
            harm=self.harm,
            floor=self.floor,
            minimum=self.minimum,
            hours=self.longest / 3_600_000,
            settle=self.settle / 1000,
        )


class Config(_Section):
    """All of it. Relative paths are relative to the configuration file."""

    zone: str = Field("Asia/Shanghai", description="The bank's time zone, an IANA name.")
    flows: Path = Path("flows")
    prompts: Path = Path("prompts")
    state: Path = Field(Path("var"), description="Folder for what the engine keeps.")
    agi: AgiConfig = AgiConfig()
    ami: AmiConfig | None = Field(None, description="Leave out to run without it.")
    bank: BankConfig = BankConfig()
    payments: PaymentsConfig = PaymentsConfig()
    notify: NotifyConfig = NotifyConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    orders: OrdersConfig = OrdersConfig()
    profiles: ProfilesConfig = ProfilesConfig()
    window: WindowConfig = WindowConfig()
    limits: LimitsConfig = LimitsConfig()
    prove: ProveConfig = ProveConfig()
    canary: CanaryConfig = CanaryConfig()
    queues: tuple[str, ...] = Field(("service",), description="Asterisk queues flows may use.")
    destinations: dict[str, str] = Field(
        {}, description="Where `transfer` may go: name → Asterisk dial string."
    )

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(
                f"no such time zone: {name!r}; write one like Asia/Shanghai"
            ) from error
        return name

    def resolved(self, folder: Path) -> Config:
        """Return the configuration with its paths made absolute from `folder`."""
        ami = self.ami and self.ami.model_copy(
            update={
                "secret_file": folder / self.ami.secret_file,
                "queue_log": self.ami.queue_log and folder / self.ami.queue_log,
            }
        )
        password = self.orders.password_file
        orders = self.orders.model_copy(update={"password_file": password and folder / password})
        conf = self.window.asterisk_conf
        window = self.window.model_copy(update={"asterisk_conf": conf and folder / conf})
        return self.model_copy(
            update={
                "flows": folder / self.flows,
                "prompts": folder / self.prompts,
                "state": folder / self.state,
                "bank": self.bank.resolved(folder),
                "payments": self.payments.resolved(folder),
                "notify": self.notify.resolved(folder),
                "knowledge": self.knowledge.resolved(folder),
                "orders": orders,
                "ami": ami,
                "window": window,
            }
        )


def load_config(file: Path | None) -> Config:
    """Read a configuration; without a file and without `onecall.yaml` here, the defaults.

    Raises ConfigError.
    """
    path = file or DEFAULT_FILE
    if file is None and not path.exists():
        return Config().resolved(Path.cwd())
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    try:
        return Config.model_validate(data or {}).resolved(path.resolve().parent)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise ConfigError("\n".join(lines)) from None


def read_secret(file: Path) -> str:
    """Return the secret in a file that only its owner may read. Raises ConfigError."""
    try:
        mode = file.stat().st_mode
        secret = file.read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{file}: the secret cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise ConfigError(f"{file}: others may read this secret; run: chmod 600 {file}")
    if not secret:
        raise ConfigError(f"{file}: holds no secret")
    return secret


def folder(path: Path) -> Path:
    """Return the folder, made if there is none. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be made a folder: {error.strerror}; "
            "move away what is there, or choose another `state` folder"
        ) from error
    return path
