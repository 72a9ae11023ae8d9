"""Misconfigurations, each a single change of the clean configuration: every one is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ivr.adapters.preflight.gather import read
from ivr.centre.preflight import Finding, findings
from tests.adapters.preflight.kit import clean

APPEND = "\x00"
"""In place of the text to replace: the new text goes to the end of the file, which may be new."""

SEEDS = [
    ("PCI001", "pjsip.conf", APPEND, "#include more.conf"),
    ("PCI001", "rtp.conf", APPEND, '#exec "/bin/ports"'),
    ("PCI001", "pjsip.conf", "[softphone]\ntype = endpoint", "[softphone](!)\ntype = endpoint"),
    ("PCI001", "logger.conf", "[logfiles]", ";--\n[logfiles]"),
    ("PCI001", "queues.conf", "retry = 1", "retry += 1"),
    ("PCI001", "extensions.conf", "NoOp()", "NoOp(\\;)"),
    ("PCI001", "cel.conf", "[general]", ""),
    ("PCI003", "extconfig.conf", APPEND, "[settings]\nqueues.conf = odbc,asterisk"),
    ("PCI101", "manager.conf", "DTMFBegin,", ""),
    ("PCI101", "manager.conf", "disabledevents = ", "; disabledevents = "),
    ("PCI102", "manager.conf", "bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0"),
    ("PCI102", "manager.conf", "bindaddr = 127.0.0.1", ""),
    ("PCI103", "manager.conf", "webenabled = no", "webenabled = yes"),
    ("PCI104", "manager.conf", "timestampevents = yes", "debug = on"),
    ("PCI111", "manager.conf", "read = call,agent,user", "read = call,dtmf"),
    ("PCI111", "manager.conf", "read = call,agent,user", "read = all"),
    ("PCI112", "manager.conf", "write = call,", "write = command,call,"),
    ("PCI112", "manager.conf", "write = call,", "write = system,call,"),
    ("PCI113", "manager.conf", "permit = 127.0.0.1/255.255.255.255", "permit = 10.0.0.0/8"),
    ("PCI113", "manager.conf", "deny = 0.0.0.0/0.0.0.0", ""),
    ("PCI114", "manager.conf", "eventfilter", ";eventfilter"),
    ("PCI114", "manager.conf", "^Event: (Dial|", "^Event: (Dial|New|"),
    ("PCI114", "manager.conf", "eventfilter = ^Event: (Dial", "eventfilter = Event: (Dial"),
    ("PCI115", "manager.conf", "writetimeout = 5000", ""),
    ("PCI115", "manager.conf", "writetimeout = 5000", "writetimeout = 100"),
    ("PCI201", "cel.conf", "enable = no", "enable = yes\nevents = ALL"),
    ("PCI201", "cel.conf", "enable = no", "enable = yes\nevents = CHAN_START,DTMF"),
    ("PCI202", "cel.conf", "enabled = no", "enabled = yes"),
    ("PCI203", "cdr_manager.conf", APPEND, "[general]\nenabled = yes"),
    ("PCI204", "cel.conf", "enable = no", "enable = yes\nevents = ANSWER\napps = agi"),
    ("PCI211", "logger.conf", "messages.log = notice", "messages.log = dtmf,notice"),
    ("PCI211", "logger.conf", "console = error", "console = error,verbose(3)"),
    ("PCI211", "logger.conf", "security.log = security", "security.log => [json]debug"),
    ("PCI211", "logger.conf", "security.log = security", "security.log = *"),
    ("PCI301", "asterisk.conf", "live_dangerously = no", "live_dangerously = yes"),
    ("PCI302", "asterisk.conf", "dumpcore = no", "dumpcore = yes"),
    ("PCI303", "asterisk.conf", "dumpcore = no", "execincludes = yes"),
    ("PCI304", "asterisk.conf", "verbose = 0", "verbose = 5"),
    ("PCI304", "asterisk.conf", "debug = 0", "debug = 1"),
    ("PCI401", "pjsip.conf", "dtmf_mode = rfc4733", "dtmf_mode = info"),
    ("PCI401", "pjsip.conf", "dtmf_mode = rfc4733", "dtmf_mode = auto"),
    ("PCI401", "pjsip.conf", "dtmf_mode = rfc4733", "dtmf_mode = inband"),
    ("PCI402", "pjsip.conf", "type = global", "type = global\ndebug = yes"),
    ("PCI403", "pjsip.conf", "trust_id_inbound = no", "one_touch_recording = yes"),
    ("PCI404", "rtp.conf", "icesupport = no", "strictrtp = no"),
    ("PCI405", "hep.conf", APPEND, "[general]\ncapture_address = 10.0.0.9:9060"),
    ("PCI406", "ari.conf", APPEND, "[general]\npretty = yes"),
    ("PCI411", "features.conf", "[featuremap]", "[featuremap]\nautomixmon = *3"),
    ("PCI411", "features.conf", APPEND, "[applicationmap]\nrec = *4,self,MixMonitor,a.wav"),
    ("PCI412", "queues.conf", "monitor-type = MixMonitor", "monitor-format = wav"),
    ("PCI413", "stasis.conf", APPEND, "decline = ast_channel_mixmonitor_mute_type"),
    ("PCI501", "extensions.conf", "NoOp()", "Read(PAN,,16)"),
    ("PCI501", "extensions.conf", "NoOp()", 'ExecIf($["a" = "b"]?Read(PAN,,16))'),
    ("PCI502", "extensions.conf", "Set(IVR_DONE=)", "Monitor(wav,/tmp/all)"),
    ("PCI503", "extensions.conf", "AGI(agi://127.0.0.1:", "AGI(agi://engine.bank.example:"),
    ("PCI504", "extensions.conf", "Set(IVR_DONE=)", "AGI(agi:async)"),
]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean configuration."""
    return clean(tmp_path_factory.mktemp("clean"))


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    """Change one file."""
    path = folder / name
    text = path.read_text("utf-8") if path.exists() else ""
    assert old in text or old == APPEND, f"{name} has no {old!r} any more"
    path.write_text(f"{text}{new}\n" if old == APPEND else text.replace(old, new), "utf-8")


def found(folder: Path) -> tuple[Finding, ...]:
    return findings(read(folder))


def test_the_projects_own_configuration_is_clean(configuration: Path) -> None:
    assert found(configuration) == ()


@pytest.mark.parametrize(
    ("code", "name", "old", "new"), SEEDS, ids=[f"{one[0]}-{n}" for n, one in enumerate(SEEDS)]
)
def test_a_misconfiguration_is_refused(
    configuration: Path, tmp_path: Path, code: str, name: str, old: str, new: str
) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    spoil(folder, name, old, new)
    findings = found(folder)
    assert {one.code for one in findings} == {code}
    for one in findings:
        assert name in one.where
        assert one.fix
        assert one.why


def test_what_is_as_safe_is_no_finding(configuration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    spoil(folder, "rtp.conf", "icesupport = no", "strictrtp = seqno")
    spoil(folder, "queues.conf", "retry = 1", "monitor-format = wav")
    spoil(folder, "cel.conf", "enable = no", "enable = yes\nevents = CHAN_START,HANGUP")
    spoil(folder, "extensions.conf", "NoOp()", "MixMonitor(/var/spool/all.wav)")
    assert found(folder) == ()


def test_a_finding_names_the_line(configuration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    spoil(folder, "logger.conf", "console = error", "console = error,dtmf")
    lines = (folder / "logger.conf").read_text("utf-8").splitlines()
    (finding,) = found(folder)
    assert finding.where == f"{folder}/logger.conf:{lines.index('console = error,dtmf') + 1}"
    assert "dtmf" in finding.what


@pytest.mark.parametrize("name", ["asterisk", "logger", "manager", "extensions"])
def test_a_missing_file_is_refused(configuration: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    (folder / f"{name}.conf").unlink()
    assert "PCI002" in {one.code for one in found(folder)}


def test_another_dialplan_language_is_refused(configuration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    (folder / "extensions.ael").write_text("context x {}\n", "utf-8")
    assert {one.code for one in found(folder)} == {"PCI003"}


def test_passwords_that_everybody_may_read_are_refused(configuration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    (folder / "logger.conf").chmod(0o644)
    assert found(folder) == ()
    (folder / "manager.conf").chmod(0o644)
    (finding,) = found(folder)
    assert (finding.code, finding.where) == ("PCI601", f"{folder}/manager.conf")


def test_a_file_that_cannot_be_read_is_refused(configuration: Path, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    shutil.copytree(configuration, folder)
    (folder / "cel.conf").write_bytes(b"[general]\nenable = \xff\n")
    (finding,) = found(folder)
    assert finding.code == "PCI001"
    assert "UTF-8" in finding.what
