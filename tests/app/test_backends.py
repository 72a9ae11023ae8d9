"""Backends by configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from ivr.adapters.clock import SystemClock
from ivr.app.backends import PORTS, opened
from ivr.app.config import BackendConfig, ConfigError, KnowledgeConfig, load_config

CLOCK = SystemClock("Asia/Shanghai")


@pytest.mark.parametrize("port", PORTS)
async def test_each_port_has_an_embedded_backend_and_one_over_http(
    port: str, tmp_path: Path
) -> None:
    assert {"embedded", "http"} <= set(PORTS[port].discover())
    for backend in ("embedded", "http"):
        section = BackendConfig(backend=backend, file=tmp_path / "file", url="http://127.0.0.1:1")
        async with opened(port, section, CLOCK) as chosen:
            assert type(chosen) is PORTS[port].discover()[backend]


async def test_a_backend_that_is_none(tmp_path: Path) -> None:
    section = KnowledgeConfig(backend="oracle", file=tmp_path / "file")
    with pytest.raises(ConfigError, match="there is no 'oracle'; there are embedded, http"):
        async with opened("knowledge", section, CLOCK):
            pass


async def test_a_backend_without_a_url(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="knowledge: url: the http backend needs one"):
        async with opened("knowledge", KnowledgeConfig(backend="http"), CLOCK):
            pass


async def test_a_token_that_others_may_read(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("hush\n")
    token.chmod(0o640)
    section = KnowledgeConfig(backend="http", url="https://bank", token_file=token)
    with pytest.raises(ConfigError, match="chmod 600"):
        async with opened("knowledge", section, CLOCK):
            pass


@pytest.mark.parametrize(
    "url", ["https://core.bank:8443", "http://127.0.0.1:8800", "http://[::1]:1"]
)
def test_urls_that_are_safe(url: str) -> None:
    assert KnowledgeConfig(url=f"{url}/").url == url


@pytest.mark.parametrize("url", ["http://core.bank", "core.bank", "ftp://core.bank", "https://"])
def test_urls_that_are_not(url: str) -> None:
    with pytest.raises(ValidationError, match="write https://host"):
        KnowledgeConfig(url=url)


def test_its_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "onecall.yaml").write_text(
        "bank: {token_file: t, ca_file: ca}\nnotify: {texts: m}\n"
    )
    config = load_config(tmp_path / "onecall.yaml")
    assert (config.bank.token_file, config.bank.ca_file) == (tmp_path / "t", tmp_path / "ca")
    assert config.notify.texts == tmp_path / "m"
