"""The whole configuration: one section for each part of the house."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from ivr.app.config.agents import AgentsConfig
from ivr.app.config.asterisk import AgiConfig, AmiConfig, WindowConfig
from ivr.app.config.backends import (
    BankConfig,
    KnowledgeConfig,
    NotifyConfig,
    OrdersConfig,
    PaymentsConfig,
    ProfilesConfig,
)
from ivr.app.config.cases import CasesConfig
from ivr.app.config.cluster import ClusterConfig
from ivr.app.config.coverage import CoverageConfig
from ivr.app.config.database import DatabaseConfig
from ivr.app.config.desk import DeskConfig
from ivr.app.config.dialler import DiallerConfig
from ivr.app.config.floor import FloorConfig
from ivr.app.config.installation import AsteriskConfig
from ivr.app.config.queuesim import QueueSimConfig
from ivr.app.config.retention import RetentionConfig
from ivr.app.config.rules import CanaryConfig, LimitsConfig, ProveConfig
from ivr.app.config.section import Section
from ivr.app.config.telemetry import TelemetryConfig
from ivr.centre.dialling import CHINA


class Config(Section):
    """All of it. Relative paths are relative to the configuration file."""

    zone: str = Field("Asia/Shanghai", description="The bank's time zone, an IANA name.")
    country: str = Field(
        CHINA, pattern=r"^[1-9][0-9]{0,3}$", description="The calling code of the bank's country."
    )
    flows: Path = Field(Path("flows"), description="Folder of the flow files.")
    prompts: Path = Field(Path("prompts"), description="Folder of the texts and recordings.")
    state: Path = Field(Path("var"), description="Folder for what the engine keeps.")
    database: DatabaseConfig = DatabaseConfig()
    agi: AgiConfig = AgiConfig()
    ami: AmiConfig | tuple[AmiConfig, ...] | None = Field(
        None, description="Leave out to run without it."
    )
    bank: BankConfig = BankConfig()
    payments: PaymentsConfig = PaymentsConfig()
    notify: NotifyConfig = NotifyConfig()
    knowledge: KnowledgeConfig = KnowledgeConfig()
    orders: OrdersConfig = OrdersConfig()
    profiles: ProfilesConfig = ProfilesConfig()
    cases: CasesConfig = CasesConfig()
    coverage: CoverageConfig = CoverageConfig()
    window: WindowConfig = WindowConfig()
    agents: AgentsConfig = AgentsConfig()
    limits: LimitsConfig = LimitsConfig()
    prove: ProveConfig = ProveConfig()
    canary: CanaryConfig = CanaryConfig()
    floor: FloorConfig = FloorConfig()
    cluster: ClusterConfig = ClusterConfig()
    asterisk: AsteriskConfig = AsteriskConfig()
    desk: DeskConfig = DeskConfig()
    telemetry: TelemetryConfig = TelemetryConfig()
    dialler: DiallerConfig | None = Field(None, description="Leave out to call nobody.")
    retention: RetentionConfig = RetentionConfig()
    queue_sim: QueueSimConfig | None = Field(
        None, description="Leave out to publish queues without having simulated them."
    )
    destinations: dict[str, str] = Field(
        {}, description="Where `transfer` may go: name → Asterisk dial string."
    )

    @property
    def asterisks(self) -> tuple[AmiConfig, ...]:
        """All Asterisks; none where the engine runs without their manager interface."""
        if self.ami is None:
            return ()
        return self.ami if isinstance(self.ami, tuple) else (self.ami,)

    @field_validator("ami")
    @classmethod
    def _told_apart(
        cls, ami: AmiConfig | tuple[AmiConfig, ...] | None
    ) -> AmiConfig | tuple[AmiConfig, ...] | None:
        if isinstance(ami, tuple):
            names = {one.name for one in ami}
            if len(names) < len(ami) or "" in names or not ami:
                raise ValueError("of several Asterisks each needs a `name` of its own")
        return ami

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
