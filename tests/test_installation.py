"""What `make install` puts where, the units that systemd runs, and what containers are made of."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
UNITS = ("onecall-engine.service", "onecall-desk.service", "onecall-gateway.service")

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything but the program, installed into a folder; twice, as an upgrade does."""
    folder = tmp_path_factory.mktemp("image")
    settings = {"PREFIX": "/usr", "DESTDIR": str(folder)}
    # Nobody writes man pages the first time.
    done = run(ROOT / "scripts/install", "files", **settings, IVR="")
    assert done.returncode == 0, done.stderr
    (folder / "etc/onecall/onecall.yaml").write_text("zone: Asia/Shanghai\n", "utf-8")
    # Units name the program where it will be: here it is this environment's.
    (folder / "usr/bin").mkdir()
    (folder / "usr/bin/ivr").symlink_to(BIN / "ivr")
    done = run(ROOT / "scripts/install", "files", **settings, IVR=str(BIN / "ivr"))
    assert done.returncode == 0, done.stderr
    return folder


def test_everything_is_in_its_place(image: Path) -> None:
    share = image / "usr/share"
    for path in (
        "man/man1/ivr.1",
        "man/man1/ivr-asterisk-install.1",
        "bash-completion/completions/ivr",
        "zsh/site-functions/_ivr",
        "fish/vendor_completions.d/ivr.fish",
        "onecall/flows/main.yaml",
        "onecall/prompts/zh/welcome.ulaw",
    ):
        assert (share / path).stat().st_size > 0, path
    state = (image / "var/lib/onecall").stat()
    assert stat.S_IMODE(state.st_mode) == 0o2770
    for file in [*(image / "etc").rglob("*"), *share.rglob("*.yaml")]:
        assert file.is_dir() or not re.search(r"@[A-Z]+@", file.read_text("utf-8")), file


def test_what_an_administrator_wrote_is_not_overwritten(image: Path) -> None:
    assert (image / "etc/onecall/onecall.yaml").read_text("utf-8") == "zone: Asia/Shanghai\n"


def test_the_example_configuration_has_no_mistake(image: Path, tmp_path: Path) -> None:
    text = (image / "usr/share/onecall/onecall.yaml").read_text("utf-8")
    config = tmp_path / "onecall.yaml"
    config.write_text(text.replace("/usr/share", f"{image}/usr/share"), "utf-8")
    done = run(BIN / "ivr", "config", "check", "-c", config, "--json")
    # It names what is made later, and nothing else: 1, not 2.
    assert done.returncode == 1, done.stderr
    assert "prompts" not in done.stdout


def test_systemd_takes_the_units_and_they_are_closed_in(image: Path) -> None:
    units = image / "etc/systemd/system"
    for unit in UNITS:
        file = units / unit
        file.write_text(file.read_text("utf-8").replace("/usr/bin/ivr", f"{image}/usr/bin/ivr"))
    environment = {"SYSTEMD_UNIT_PATH": f"{units}:", "MANPATH": f"{image}/usr/share/man"}
    done = run(
        "systemd-analyze", "verify", "--man=no", *(units / one for one in UNITS), **environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    for unit in UNITS:
        # Of 0 (closed) to 10 (open), in tenths; systemd calls up to 5 "OK".
        exposed = run(
            *("systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager"),
            units / unit,
            **environment,
        )
        assert exposed.returncode == 0, exposed.stdout.splitlines()[-1]
        assert "✓ ProtectSystem=" in exposed.stdout


def test_logrotate_takes_its_rules(image: Path) -> None:
    rules = (image / "etc/logrotate.d/onecall").read_text("utf-8")
    file = image / "rules"
    # The user is made by a real installation only.
    file.write_text(rules.replace("su onecall onecall", "su root root"), "utf-8")
    done = run("/usr/sbin/logrotate", "--debug", file)
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr.lower()
    assert "/var/log/onecall/*.jsonl" in done.stderr


def test_what_is_installed_is_exactly_what_the_lock_names() -> None:
    done = run(sys.executable, ROOT / "scripts/runtime-lock")
    assert done.stdout == (ROOT / "requirements-runtime.lock").read_text("utf-8"), (
        "run: .venv/bin/python scripts/runtime-lock > requirements-runtime.lock"
    )
    assert "pytest==" not in done.stdout
    assert "psycopg-binary==" in done.stdout


def test_containers_are_made_of_what_is_there() -> None:
    made = 0
    for file in (ROOT / "container").glob("*ontainerfile"):
        for line in file.read_text("utf-8").splitlines():
            copied = re.match(r"COPY (?!--from)(.*) \S+$", line)
            for name in copied[1].split() if copied else ():
                assert (ROOT / name).exists(), name
                made += 1
    assert made > 8
    compose = yaml.safe_load((ROOT / "container/compose.yaml").read_text("utf-8"))
    for name, service in compose["services"].items():
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).exists(), name
        assert service.get("build", {"context": ".."})["context"] == ".."
    # Keys of cards are in memory.
    cores = [one["ulimits"]["core"] for one in compose["services"].values() if "ulimits" in one]
    assert cores == [1, 0, 0]


def test_every_command_that_a_unit_or_a_container_runs_is_one() -> None:
    from typer.main import get_command

    from ivr.cli.main import app

    names = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    texts = [*(ROOT / "systemd").glob("*.service"), *(ROOT / "container").iterdir()]
    found = {
        word
        for file in texts
        for word in re.findall(r'(?:/ivr |"ivr", "|^ivr )([a-z-]+)', file.read_text("utf-8"), re.M)
    }
    assert found >= {"serve", "desk", "sandbox", "asterisk", "supervise"}
    assert found <= set(names)
