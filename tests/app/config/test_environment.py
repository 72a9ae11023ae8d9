"""What the environment says of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.app.config import ConfigError, load_config


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "onecall.yaml"
    file.write_text("agi: {host: 127.0.0.9, port: 1}\nflows: mine\n", "utf-8")
    return file


def test_it_holds_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECALL__AGI__PORT", "4600")
    monkeypatch.setenv("ONECALL__FLOWS", "theirs")
    monkeypatch.setenv("ONECALL__DIALLER__ALLOW", '["13"]')
    monkeypatch.setenv("ONECALL__CANARY__ALPHA", "0.01")
    config = load_config(file)
    assert (config.agi.host, config.agi.port) == ("127.0.0.9", 4600)
    assert config.flows == file.parent / "theirs"
    assert config.dialler is not None
    assert config.dialler.allow == ("13",)
    assert config.canary.alpha == 0.01


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("ONECALL__AGI__PORT", "many", "ONECALL__AGI__PORT:1:1: a text where a whole number"),
        ("ONECALL__AGI__PORT", "", "ONECALL__AGI__PORT:1:1: nothing stands here"),
        ("ONECALL__AGI__PRT", "1", "ONECALL__AGI__PRT:1:1: `prt` is unknown here"),
        ("ONECALL__AGI", "[", "ONECALL__AGI:2:1: no value can begin like this"),
        ("ONECALL__FLOWS__DEEPER", "1", "ONECALL__FLOWS__DEEPER:1:1: a mapping where"),
    ],
)
def test_a_mistake_names_the_variable(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert problem in str(caught.value)


def test_other_variables_mean_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECALL_AGI_PORT", "4600")
    assert load_config(file).agi.port == 1
