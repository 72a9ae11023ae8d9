"""The templates: filled completely, readable by an independent reader, holding what they must."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from asterisk.config import Config

from lab.installation import Installation
from lab.ports import Ports
from lab.site import AGENTS, CODES, Lab


class Reading(Config):  # type: ignore[misc]  # pyst2 has no types
    """pyst2's reader, which leaves its file open, closing it."""

    def load(self) -> None:
        self.raw_lines = Path(self.filename).read_text().splitlines(keepends=True)


TEMPLATES = ("asterisk-conf", "dialplans")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab that is configured but not started; its Asterisk need not exist."""
    folder = tmp_path_factory.mktemp("site")
    data = folder / "data"
    (data / "documentation").mkdir(parents=True)
    nothing = Installation(("asterisk",), folder / "modules", data, "22.0.0", "nowhere")
    site = Lab(folder, Ports.block(22000), nothing)
    site.configure()
    return site


def rendered(site: Lab) -> list[Path]:
    return sorted([*site.exchange.etc.iterdir(), *site.handset.etc.iterdir()])


def settings(path: Path, section: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for category in Reading(str(path)).categories:
        if category.name == section:
            for item in category.items:
                found.setdefault(item.name, []).append(item.value.strip())
    return found


def test_every_rendered_file_is_read_by_pyst2(site: Lab) -> None:
    files = rendered(site)
    assert len(files) > 30
    for path in files:
        Reading(str(path))


def test_no_placeholder_is_left_and_nothing_is_readable_by_others(site: Lab) -> None:
    for path in rendered(site):
        assert not re.search(r"@[A-Z_]+@", path.read_text()), path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_that_pyst2_cannot_read_is_used() -> None:
    root = Path(__file__).parents[2]
    files = [path for folder in TEMPLATES for path in (root / folder).glob("*.conf")]
    files += (root / "lab/telephone-conf").glob("*.conf")
    for path in files:
        for line in path.read_text().splitlines():
            assert not re.match(r"\s*(#include|#exec|#tryinclude)|\[[^]]*\]\(|.*\\;|;--", line), (
                f"{path.name}: {line}"
            )


def test_the_secret_is_made_once_and_kept_to_its_owner(site: Lab) -> None:
    secret = site.ami_secret
    path = site.exchange.folder / "var" / "ami.secret"
    assert re.fullmatch(r"[0-9a-f]{32}", secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert site.ami_secret == secret
    assert site.softphone_password != secret


def test_every_listener_is_on_loopback(site: Lab) -> None:
    for asterisk in (site.exchange, site.handset):
        assert settings(asterisk.etc / "manager.conf", "general")["bindaddr"] == ["127.0.0.1"]
        assert settings(asterisk.etc / "manager.conf", "general")["webenabled"] == ["no"]
        (bind,) = settings(asterisk.etc / "pjsip.conf", "udp")["bind"]
        assert bind.startswith("127.0.0.1:")


def test_the_engines_ami_user_has_the_least_that_works(site: Lab) -> None:
    manager = site.exchange.etc / "manager.conf"
    users = [c.name for c in Reading(str(manager)).categories if c.name != "general"]
    assert users == ["engine"]
    user = settings(manager, "engine")
    assert user["read"] == ["call,agent,user"]
    assert user["write"] == ["call,agent,originate,reporting"]
    assert user["permit"] == ["127.0.0.1/255.255.255.255"]
    assert all(pattern.startswith("^Event: ") for pattern in user["eventfilter"])
    disabled = set(settings(manager, "general")["disabledevents"][0].split(","))
    assert {"DTMFBegin", "DTMFEnd", "VarSet", "AGIExecStart", "AGIExecEnd"} <= disabled


@pytest.mark.parametrize("event", ["Newchannel", "Newstate", "VarSet", "DTMFEnd", "Cdr"])
def test_raw_events_match_no_filter_whatever_the_caller_wrote(site: Lab, event: str) -> None:
    patterns = settings(site.exchange.etc / "manager.conf", "engine")["eventfilter"]
    text = f"Event: {event}\r\nCallerIDName: Event: Hangup\r\n\r\n"
    for pattern in patterns:
        assert not re.search(pattern.replace("[[:cntrl:]]", r"[\x00-\x1f]"), text)


def test_no_log_writes_down_keys(site: Lab) -> None:
    for asterisk in (site.exchange, site.handset):
        files = settings(asterisk.etc / "logger.conf", "logfiles")
        levels = {
            level for values in files.values() for value in values for level in value.split(",")
        }
        assert levels <= {"notice", "warning", "error", "security"}
    assert settings(site.exchange.etc / "cdr.conf", "general")["enable"] == ["no"]
    assert settings(site.exchange.etc / "cel.conf", "general")["enable"] == ["no"]


def test_the_dialplan_has_no_pattern_a_caller_could_bend(site: Lab) -> None:
    plan = (site.exchange.etc / "extensions.conf").read_text()
    numbers = re.findall(r"^exten => ([^,]+),", plan, re.MULTILINE)
    assert numbers
    # Agents dial two digits after a star; nothing else is not written out.
    assert {number for number in numbers if number.startswith("_")} == {CODES}
    assert not re.search(r"[.!]", CODES)


def test_the_dialplan_names_every_node_and_guards_before_it(site: Lab) -> None:
    plan = (site.exchange.etc / "extensions.conf").read_text()
    for node in site.nodes:
        assert f"AGI(agi://{node}/call)" in plan
    assert "agi://${" not in plan
    before_engine = plan.partition("agi://")[0]
    for guard in ("AGIEXITONHANGUP=yes", "TIMEOUT(absolute)=", "FILTER(0-9+,", "Answer(0,i)"):
        assert guard in before_engine


def test_every_agent_has_a_telephone_that_proves_itself(site: Lab) -> None:
    there, here = site.exchange.etc / "pjsip.conf", site.handset.etc / "pjsip.conf"
    for agent in AGENTS:
        assert settings(there, agent)["context"] == ["agents-phones"]
        assert settings(there, agent)["password"] == settings(here, agent)["password"]
