"""Drawing flows: from a folder, with the prompts' texts and what callers did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.adapters.draw.dot import draw_dot, draw_svg
from ivr.adapters.draw.mermaid import draw_mermaid
from ivr.app.config import Config
from ivr.app.simulation import Chosen, prompts_of
from ivr.centre.traffic import Traffic
from ivr.engine.picture import Picture, picture
from ivr.model.errors import FlowError

FORMATS: Mapping[str, Callable[[Picture], str]] = {
    "svg": draw_svg,
    "mermaid": draw_mermaid,
    "dot": draw_dot,
}
"""What a picture can be drawn as."""


def drawing(
    chosen: Chosen,
    config: Config,
    language: str | None = None,
    traffic: Traffic | None = None,
    since: datetime | None = None,
) -> Picture:
    """Return the picture of what was chosen: a flow with those it leads to, or a whole folder.

    `traffic` colours it; it began to be counted at `since`. Raises FlowError for a language that no
    flow speaks, CatalogueError, PortError.
    """
    flows = chosen.flows.flows
    spoken = {spoken for flow in flows.values() for spoken in flow.languages}
    if language not in (None, *spoken):
        raise FlowError(f"no flow speaks {language}; they speak {', '.join(sorted(spoken))}")
    numbered = sorted(flows.values(), key=lambda flow: not flow.numbers)
    names = [chosen.flow] if chosen.flow is not None else [flow.name for flow in numbered]
    caption = [f"{chosen.flow or 'all flows'}, version {chosen.flows.version[:12]}"]
    if traffic is not None and since is not None:
        caption.append(_period(traffic, since, ZoneInfo(config.zone)))
    prompts = prompts_of(config.prompts)
    return picture(chosen.flows, names, prompts, language, traffic, caption)


def _period(traffic: Traffic, since: datetime, zone: ZoneInfo) -> str:
    """Say which calls the heat is made of."""
    begin = f"{since.astimezone(zone):%Y-%m-%d %H:%M}"
    if traffic.last is None:
        return f"no calls since {begin}: there is no traffic to show"
    end = f"{traffic.last.astimezone(zone):%Y-%m-%d %H:%M}"
    versions = len(traffic.versions)
    ran = "" if versions == 1 else f", on {versions} versions"
    return f"{traffic.calls:,} calls{ran}, from {begin} to {end}, {zone}"
