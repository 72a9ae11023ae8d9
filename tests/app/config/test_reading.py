"""The configuration file: defaults, paths, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.config import Config, ConfigError, load_config, read_secret
from ivr.centre.guardrail import Settings


def write(folder: Path, text: str) -> Path:
    file = folder / "onecall.yaml"
    file.write_text(text, "utf-8")
    return file


def test_paths_are_relative_to_the_file_not_to_where_one_stands(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, "flows: my-flows\nbank: {delay: 2s}\n"))
    assert config.flows == tmp_path / "my-flows"
    assert config.bank.file == tmp_path / "var/bank.sqlite"
    assert config.bank.delay == 2000


def test_every_path_in_every_section_is_made_absolute(tmp_path: Path) -> None:
    text = "\n".join(
        (
            "ami: {secret_file: ami.secret, queue_log: log/queue_log}",
            "payments: {seal: [old.pem, new.pem], token_file: token}",
            "orders: {password_file: password}",
            "window: {asterisk_conf: etc, asterisk: [asterisk]}",
        )
    )
    config = load_config(write(tmp_path, text))
    (ami,) = config.asterisks
    assert ami.secret_file == tmp_path / "ami.secret"
    assert ami.queue_log == tmp_path / "log/queue_log"
    assert config.payments.seal == (tmp_path / "old.pem", tmp_path / "new.pem")
    assert config.orders.password_file == tmp_path / "password"
    assert config.window.asterisk_conf == tmp_path / "etc"
    assert config.window.asterisk == ("asterisk",)


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(None)
    assert config.agi.host == "127.0.0.1"
    assert config.flows == tmp_path / "flows"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("agi: {prt: 4573}", "onecall.yaml:1:7: `prt` is unknown here (did you mean `port`?)"),
        ("agi: {port: 99999}", "onecall.yaml:1:13: `99999` is out of range (at most 65535)"),
        ("zone: Mars/Olympus", "onecall.yaml:1:7: no such time zone: 'Mars/Olympus'"),
        ("bank: {delay: 2}", "onecall.yaml:1:15: a duration without a unit"),
        ("flows: [", "onecall.yaml:2:1: no value can begin like this"),
        ("agi: {port: 010}", "onecall.yaml:1:13: 010 begins with a zero"),
        ("agi:", "onecall.yaml:1:5: nothing stands here"),
        ("- agi", "onecall.yaml: no mapping"),
    ],
)
def test_a_mistake_is_named_at_its_place(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    assert problem in str(caught.value)


def test_every_mistake_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, "agi: {port: 0.5}\nami: {}\n"))
    assert [line.split("onecall.yaml:")[1][:4] for line in str(caught.value).splitlines()] == [
        "1:13",
        "2:6:",
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_a_file_may_say_nothing(tmp_path: Path, text: str) -> None:
    assert load_config(write(tmp_path, text)).agi.port == 4573


def test_a_file_that_is_not_there_is_an_error_when_it_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "other.yaml")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hush\n")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        read_secret(file)
    assert "hush" not in str(caught.value)
    file.chmod(0o600)
    assert read_secret(file) == "hush"


def test_how_carefully_a_release_is_tried(tmp_path: Path) -> None:
    text = "canary: {alpha: 0.01, longest: 2h, settle: 90s}\n"
    settings = load_config(write(tmp_path, text)).canary.settings()
    assert (settings.alpha, settings.hours, settings.settle) == (0.01, 2, 90)
    assert Config().canary.settings() == Settings()
