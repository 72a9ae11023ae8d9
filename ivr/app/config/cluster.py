"""Several engine nodes: how they find each other."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from ivr.app.config.section import Section


class RedisConfig(Section):
    """The Redis that all nodes share: who leads, which nodes there are. Nothing in it is kept."""

    url_file: Path = Field(
        description="A file of mode 0600 that holds the URL only: redis://:PASSWORD@HOST:6379/0."
    )


class ClusterConfig(Section):
    """Several engine nodes with one dispatcher (docs/decisions/0015-one-leader.md). Left out, an engine is
    alone and leads for good."""

    node: str = Field(
        "engine",
        pattern=r"^[a-z][a-z0-9-]{0,31}$",
        description="This node's name; each node has its own.",
    )
    address: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9_.:\[\]-]+$",
        description="This node's floor port as the other nodes reach it, such as http://10.0.0.1:4575. "
        "Left out: `floor.host` and `floor.port`.",
    )
    secret_file: Path | None = Field(
        None,
        description="A file of mode 0600 with what nodes, desks and commands ask by: the same on all "
        "nodes. Left out: `floor.token` in the state folder.",
    )
    redis: RedisConfig | None = Field(None, description="Leave out where there is one engine.")

    @model_validator(mode="after")
    def _shared(self) -> ClusterConfig:
        if self.redis is not None and self.secret_file is None:
            raise ValueError("several nodes need one `secret_file`, the same on all of them")
        return self
