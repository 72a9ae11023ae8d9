"""Ports: blocks that do not meet, and clear words about one that is taken."""

from __future__ import annotations

import socket

import pytest

from lab.errors import LabError
from lab.ports import ADDRESS, Ports, free_block, is_free, require_free


def test_two_labs_never_share_a_port() -> None:
    with free_block() as one, free_block() as two:
        assert one.sip // 1000 != two.sip // 1000


def test_the_parts_of_a_block_do_not_meet() -> None:
    ports = Ports.block(22000)
    single = {ports.sip, ports.ami, ports.agi, ports.agi_second, ports.phone_sip, ports.phone_ami}
    assert len(single) == 6
    assert max(single) < ports.rtp[0] < ports.rtp[1] < ports.phone_rtp[0] < ports.phone_rtp[1]
    assert ports.phone_rtp[1] < 23000


@pytest.mark.parametrize(
    ("kind", "protocol"), [(socket.SOCK_STREAM, "tcp"), (socket.SOCK_DGRAM, "udp")]
)
def test_a_busy_port_is_named_with_what_to_do(kind: socket.SocketKind, protocol: str) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((ADDRESS, 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        port = other.getsockname()[1]
        assert not is_free(port, kind)
        with pytest.raises(LabError, match=rf"port {port}/{protocol} \(AMI\) .*ss -lnp"):
            require_free(port, kind, "AMI")
    require_free(port, kind, "AMI")


def test_ports_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONECALL_SIP_PORT", "6060")
    assert Ports.from_environment() == Ports(sip=6060)


@pytest.mark.parametrize("text", ["", "x", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("ONECALL_AMI_PORT", text)
    with pytest.raises(LabError, match="ONECALL_AMI_PORT"):
        Ports.from_environment()
