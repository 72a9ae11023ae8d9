"""The preflight: may a caller key a card number into this installation?

Pure rules over facts: settings as files have them and as the running Asterisk tells them count
alike, so a clean file with a leaking process is found, and a leaking file that the next reload
would put into force. What cannot be seen through is a finding itself (fail closed).

    facts     settings, and what a finding is
    switches  settings that must be on, or off: a table
    manager   who may read what over AMI
    records   logs and event records
    media     how keys travel, and who could listen
    plan      the dialplan
    machine   what could not be seen, files and memory
"""

from __future__ import annotations

from ivr.centre.preflight import machine, manager, media, plan, records, switches
from ivr.centre.preflight.facts import Blind, Facts, Finding, Setting

__all__ = ["Blind", "Facts", "Finding", "Setting", "findings"]

_RULES = (
    *machine.RULES,
    *manager.RULES,
    *records.RULES,
    *media.RULES,
    *plan.RULES,
    *switches.RULES,
)


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Return everything that is wrong, by code; nothing when a card number may be asked for."""
    found = {finding: None for rule in _RULES for finding in rule(facts)}
    return tuple(sorted(found, key=lambda finding: (finding.code, finding.where)))
