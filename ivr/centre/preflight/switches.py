"""Settings that must be on, or off. Each row is a rule."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ivr.centre.preflight.facts import Facts, Finding


class Switch(msgspec.Struct, frozen=True):
    """A setting of a file that must be `on` or off, or have `also` this value. `default` is what
    Asterisk takes it for where it is not written; a file that is not there sets nothing."""

    code: str
    file: str
    section: str
    name: str
    on: bool
    default: bool
    why: str
    also: str | None = None

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield where it is the wrong way."""
        if not facts.has(self.file):
            return
        wanted = f"{self.name} = {'yes' if self.on else 'no'}"
        fix = f"write `{wanted}` into [{self.section}] of {self.file} and reload Asterisk"
        written = list(facts.all(self.file, self.section, self.name))
        for one in written:
            if one.on is not self.on and one.value != self.also:
                yield Finding(
                    self.code, f"`{self.name}` is `{one.value}`", one.where, self.why, fix
                )
        if not written and self.default is not self.on:
            what = f"`{self.name}` is not written, and then is {'on' if self.default else 'off'}"
            yield Finding(self.code, what, self.file, self.why, fix)


SWITCHES = (
    Switch(
        *("PCI103", "manager.conf", "general", "webenabled", False, False),
        "AMI over HTTP is one more way to every event, and its sessions are harder to watch",
    ),
    Switch(
        *("PCI104", "manager.conf", "general", "debug", False, False),
        "every event is written to the console and the logs, whoever may read it over AMI",
    ),
    Switch(
        *("PCI202", "cel.conf", "manager", "enabled", False, False),
        "channel events go to AMI beside its own filters; since Asterisk 22.6 keys are among them",
    ),
    Switch(
        *("PCI203", "cdr_manager.conf", "general", "enabled", False, False),
        "call records carry the last application's arguments to every reader of AMI",
    ),
    Switch(
        *("PCI301", "asterisk.conf", "options", "live_dangerously", False, False),
        "AMI may then run dialplan functions that read files, write them and start programs",
    ),
    Switch(
        *("PCI302", "asterisk.conf", "options", "dumpcore", False, False),
        "a core file is a copy of the memory in which keys of a card number are",
    ),
    Switch(
        *("PCI303", "asterisk.conf", "options", "execincludes", False, False),
        "what a program prints becomes configuration that nobody can check beforehand",
    ),
    Switch(
        *("PCI402", "pjsip.conf", "global", "debug", False, False),
        "every SIP message is logged; a telephone that sends keys as SIP INFO has them in there",
    ),
    Switch(
        *("PCI404", "rtp.conf", "general", "strictrtp", True, True),
        "a stranger who sends a packet to a media port gets the call's sound from then on",
        also="seqno",
    ),
    Switch(
        *("PCI405", "hep.conf", "general", "enabled", False, True),
        "every SIP message is copied to a capture server, keys sent as SIP INFO among them",
    ),
    Switch(
        *("PCI406", "ari.conf", "general", "enabled", False, True),
        "ARI tells its clients every key of a channel and can listen to it",
    ),
)

RULES = tuple(switch.check for switch in SWITCHES)
