"""Configuration: one YAML file, `onecall.yaml`, read once at start.

Secrets are never in it: it names the files they are in.
"""

from ivr.app.config.agents import AgentsConfig
from ivr.app.config.asterisk import AgiConfig, AmiConfig, WindowConfig
from ivr.app.config.backends import (
    BackendConfig,
    BankConfig,
    KnowledgeConfig,
    NotifyConfig,
    OrdersConfig,
    PaymentsConfig,
    ProfilesConfig,
)
from ivr.app.config.desk import DeskConfig
from ivr.app.config.dialler import DiallerConfig
from ivr.app.config.floor import FloorConfig
from ivr.app.config.installation import AsteriskConfig
from ivr.app.config.queuesim import QueueSimConfig
from ivr.app.config.reading import (
    DEFAULT_FILE,
    ConfigError,
    folder,
    load_config,
    make_token,
    read_secret,
)
from ivr.app.config.rules import CanaryConfig, LimitsConfig, ProveConfig
from ivr.app.config.whole import Config

__all__ = [
    "DEFAULT_FILE",
    "AgentsConfig",
    "AgiConfig",
    "AmiConfig",
    "AsteriskConfig",
    "BackendConfig",
    "BankConfig",
    "CanaryConfig",
    "Config",
    "ConfigError",
    "DeskConfig",
    "DiallerConfig",
    "FloorConfig",
    "KnowledgeConfig",
    "LimitsConfig",
    "NotifyConfig",
    "OrdersConfig",
    "PaymentsConfig",
    "ProfilesConfig",
    "ProveConfig",
    "QueueSimConfig",
    "WindowConfig",
    "folder",
    "load_config",
    "make_token",
    "read_secret",
]
