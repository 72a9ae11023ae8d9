"""How keys travel to Asterisk, and who could listen to a call."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.centre.preflight.facts import Facts, Finding

_RECORDERS = {"mixmonitor", "monitor", "record", "chanspy"}
_NEEDED = ("dtmf", "mixmonitor", "mix_monitor", "chanspy", "hangup")


def key_transport(facts: Facts) -> Iterator[Finding]:
    """PCI401: keys come as RFC 4733 events only."""
    for one in facts.all("pjsip.conf", name="dtmf_mode"):
        if one.value.lower() != "rfc4733":
            yield Finding(
                "PCI401",
                f"the endpoint {one.section} takes keys by `{one.value}`",
                one.where,
                "in-band keys are tones in every recording; SIP INFO has them in every log of SIP",
                f"write `dtmf_mode = rfc4733` into [{one.section}] of pjsip.conf",
            )


def one_touch(facts: Facts) -> Iterator[Finding]:
    """PCI403, PCI411: nobody starts a recording with a key."""
    why = "a recording begins in the middle of a call, in a way the window learns of too late"
    for one in facts.all("pjsip.conf", name="one_touch_recording"):
        if one.on:
            what = f"the endpoint {one.section} may start recordings"
            fix = f"leave out `one_touch_recording` in [{one.section}] of pjsip.conf"
            yield Finding("PCI403", what, one.where, why, fix)
    for name in ("automon", "automixmon"):
        for one in facts.all("features.conf", "featuremap", name):
            if one.value:
                what = f"`{one.value}` starts a recording"
                fix = f"leave out `{name}` in [featuremap] of features.conf"
                yield Finding("PCI411", what, one.where, why, fix)
    for one in facts.all("features.conf", "applicationmap"):
        if set(one.words) & _RECORDERS:
            what = f"`{one.value}` starts a recording"
            fix = f"leave out `{one.name}` in [applicationmap] of features.conf"
            yield Finding("PCI411", what, one.where, why, fix)


def queue_recorders(facts: Facts) -> Iterator[Finding]:
    """PCI412: a queue that records does it with MixMonitor, which can be muted."""
    sections = facts.sections("queues.conf")
    general = sections.get("general", [])
    for name, settings in sections.items():
        for one in settings:
            kinds = [two for two in (*settings, *general) if two.name == "monitor-type"]
            mixes = bool(kinds) and kinds[0].value.lower() == "mixmonitor"
            if one.name == "monitor-format" and one.value and not mixes:
                yield Finding(
                    "PCI412",
                    f"the queue {name} records with Monitor",
                    one.where,
                    "only MixMonitor tells that it is muted; a card keyed later in the call would "
                    "be recorded",
                    f"write `monitor-type = MixMonitor` into [{name}] of queues.conf, or leave out "
                    "`monitor-format`",
                )


def declined_messages(facts: Facts) -> Iterator[Finding]:
    """PCI413: what confirms a silence is not declined."""
    for one in facts.all("stasis.conf", "declined_message_types", "decline"):
        if any(part in one.value.lower() for part in _NEEDED):
            yield Finding(
                "PCI413",
                f"Asterisk declines `{one.value}`",
                one.where,
                "without it no silence is confirmed; with the messages of keys declined, Asterisk "
                "does not even start",
                "leave it out of [declined_message_types] of stasis.conf; events of keys are "
                "disabled in manager.conf",
            )


RULES = (key_transport, one_touch, queue_recorders, declined_messages)
