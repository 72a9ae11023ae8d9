"""Asterisk's manager interface: it can be reached, and gives the engine what it needs and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ivr.adapters.ami.client import AmiClient, AmiSettings
from ivr.adapters.ami.messages import AmiRefused, AmiRejected
from ivr.adapters.asterisk.difference import differences
from ivr.adapters.asterisk.template import rendered, templates
from ivr.adapters.asterisk.writing import installed
from ivr.adapters.clock import SystemClock
from ivr.app.asterisk import folder_of
from ivr.app.checkup import Finding, Site
from ivr.app.config import AmiConfig, read_secret
from ivr.model.errors import PortError

SUBJECT = "manager interface"
OLDEST = 20

NEEDED = (
    *(
        "Bridge",
        "CoreSettings",
        "CoreShowChannels",
        "Getvar",
        "Hangup",
        "MixMonitorMute",
        "Originate",
    ),
    *("Ping", "QueueAdd", "QueuePause", "QueueRemove", "QueueStatus", "QueueWithdrawCaller"),
    *("Redirect", "Setvar", "StopMixMonitor"),
)
"""The actions of the engine."""
TOO_MUCH = ("Command", "CreateConfig", "DBPut", "GetConfig", "MixMonitor", "Reload", "UpdateConfig")
"""Actions that run commands, start recordings or change Asterisk: of classes that nobody needs."""
SETTINGS = ("read", "write", "eventfilter", "writetimeout", "deny")
SKEW_S = 1.0


async def look(site: Site) -> tuple[str, tuple[Finding, ...]]:
    """Log in as the engine does, and compare what this user may do."""
    asterisks = site.config.asterisks
    if not asterisks:
        return "not configured: agents are not called, and no card is keyed", ()
    told = [await _asked(site, one) for one in asterisks]
    return "; ".join(seen for seen, _ in told), tuple(one for _, found in told for one in found)


async def _asked(site: Site, ami: AmiConfig) -> tuple[str, tuple[Finding, ...]]:
    where = f"{ami.host}:{ami.port}"
    settings = AmiSettings(ami.host, ami.port, ami.user, read_secret(ami.secret_file))
    clock = SystemClock(site.config.zone)
    client = AmiClient(settings, clock)
    files = tuple(_files(site, ami))
    try:
        await client.connect()
        (actions,) = await client.action("ListCommands")
        (core,) = await client.action("CoreSettings")
        (pong,) = await client.action("Ping")
        now = clock.now().timestamp()
        skew = float(pong["Timestamp"] or now) - now
    except AmiRejected as error:
        return "refused", (_refused(where, ami, str(error)), *files)
    except AmiRefused as error:
        return "not enough rights", (_lacks(where, ami, str(error)), *files)
    except PortError as error:
        return "not reached", (_unreached(where, str(error)), *files)
    finally:
        await client.close()
    version = core["AsteriskVersion"]
    seen = f"{ami.user} at {where}, Asterisk {version}, its clock {skew:+.2f} s from ours"
    found = (
        *_rights(where, ami, lambda name: bool(actions[name])),
        *_version(where, version),
        *_skew(where, skew),
        *files,
    )
    return seen, found


def _refused(where: str, ami: AmiConfig, why: str) -> Finding:
    return Finding(
        "DOC102",
        why,
        where,
        "no agent is called, and no connection is known for a caller's",
        f"ivr asterisk install, then asterisk -rx 'manager reload'; the secret is in {ami.secret_file}",
    )


def _unreached(where: str, why: str) -> Finding:
    return Finding(
        "DOC101",
        why,
        where,
        "no agent is called, and no connection is known for a caller's",
        "start Asterisk; compare `ami` in onecall.yaml with [general] of manager.conf",
    )


def _lacks(where: str, ami: AmiConfig, what: str) -> Finding:
    return Finding(
        "DOC103",
        f"the user {ami.user} may not do what the engine asks: {what}",
        where,
        "queues, callbacks and secure windows fail at that point of a call",
        f"write `write = call,agent,originate,reporting` into [{ami.user}] of manager.conf, and reload it",
    )


def _rights(where: str, ami: AmiConfig, may: Callable[[str], bool]) -> Iterator[Finding]:
    lacking = [one for one in NEEDED if not may(one)]
    if lacking:
        yield _lacks(where, ami, ", ".join(lacking))
    if more := [one for one in TOO_MUCH if may(one)]:
        yield Finding(
            "DOC104",
            f"the user {ami.user} may do more than the engine asks: {', '.join(more)}",
            where,
            "whoever gets the password can then run commands, or record calls",
            f"write `write = call,agent,originate,reporting` into [{ami.user}] of manager.conf, and "
            "reload it",
        )


def _version(where: str, version: str) -> Iterator[Finding]:
    major = version.removeprefix("certified/").partition(".")[0]
    if major.isdecimal() and int(major) < OLDEST:
        yield Finding(
            "DOC105",
            f"Asterisk {version}",
            where,
            f"the dialplan and the configuration are for Asterisk {OLDEST} and newer",
            "install Asterisk 20 LTS or 22 LTS",
        )


def _skew(where: str, skew: float) -> Iterator[Finding]:
    if abs(skew) > SKEW_S:
        yield Finding(
            "DOC502",
            f"Asterisk's clock is {skew:+.1f} s from this machine's",
            where,
            "what Asterisk's log tells of calls is then counted at the wrong time, or twice",
            "have both machines keep their clocks by NTP (systemd-timesyncd or chrony)",
        )


def _files(site: Site, ami: AmiConfig) -> Iterator[Finding]:
    """Yield what its own section of manager.conf says otherwise than it must: too little, or too much."""
    folder = folder_of(site.config, ami)
    if not (folder / "manager.conf").exists():
        return
    (template,) = (one for one in templates() if one.name == "manager.conf")
    values = {"AMI_USER": ami.user, "AMI_PORT": ami.port, "AMI_ADDRESS": "", "AMI_PERMIT": ""}
    wanted = rendered((template,), {**values, "AMI_SECRET": ""})
    for one in differences(wanted, installed(folder)):
        ours = one.section == ami.user and one.key in (*SETTINGS, "")
        if ours or one.key == "disabledevents":
            said = f"`{one.key} = {', '.join(one.there)}`" if one.there else "nothing"
            yield Finding(
                "DOC106",
                f"[{one.section}] says {said}" + (f" of {one.key}" if not one.there else ""),
                str(folder / "manager.conf"),
                "the engine misses what it must know, or somebody learns what nobody should",
                f"write {'; '.join(f'{one.key} = {value}' for value in one.wanted) or 'nothing'}, or: "
                "ivr asterisk install; then asterisk -rx 'manager reload'",
            )
