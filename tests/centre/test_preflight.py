"""The preflight's rules that no file of a test can break: see also `tests/adapters/preflight`."""

from __future__ import annotations

import pytest

from ivr.centre.preflight import Facts, Setting, findings

NEEDED: dict[str, tuple[Setting, ...]] = dict.fromkeys(
    ("asterisk.conf", "logger.conf", "extensions.conf", "manager.conf"), ()
)


def codes(facts: Facts) -> set[str]:
    # Without any setting AMI is open: that is another matter.
    return {one.code for one in findings(facts)} - {"PCI101", "PCI102"}


@pytest.mark.parametrize(
    ("limit", "pattern", "dumps"),
    [
        (None, "core", False),
        (0, "core", False),
        (1, "core", False),
        (1, "|/usr/lib/systemd/systemd-coredump", False),
        (0, "|/usr/lib/systemd/systemd-coredump", True),
        (-1, "core", True),
        (4096, "/var/cores/%p", True),
    ],
)
def test_memory_never_comes_to_the_disk(limit: int | None, pattern: str, dumps: bool) -> None:
    facts = Facts(NEEDED, core_limit=limit, core_pattern=pattern)
    assert codes(facts) == ({"PCI602"} if dumps else set())


def test_findings_are_in_order_and_each_is_there_once() -> None:
    setting = Setting("logfiles", "keys", "dtmf", "logger.conf:3")
    found = findings(Facts({"logger.conf": (setting, setting)}))
    assert [one.code for one in found] == sorted(one.code for one in found)
    assert len([one for one in found if one.code == "PCI211"]) == 1
    assert len([one for one in found if one.code == "PCI002"]) == 3
