"""A person's softphone: it registers with its password, and nobody gets in by a name."""

from __future__ import annotations

import hashlib
import re
import socket
import uuid
from collections.abc import Iterator

import pytest

from lab.ports import ADDRESS
from lab.site import HOTLINE, Lab

pytestmark = pytest.mark.asterisk


class Sip:
    """Just enough SIP to register and to be refused."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ADDRESS, 0))
        self._socket.connect((ADDRESS, port))
        self._socket.settimeout(5)
        self._here = f"{ADDRESS}:{self._socket.getsockname()[1]}"
        self._call = uuid.uuid4().hex
        self._number = 0

    def ask(self, method: str, user: str, uri: str, authorization: str = "") -> str:
        """Send a request from `user`; return the final answer."""
        self._number += 1
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{uuid.uuid4().hex};rport",
            f"From: <sip:{user}@{ADDRESS}>;tag=1",
            f"To: <sip:{user}@{ADDRESS}>",
            f"Call-ID: {self._call}",
            f"CSeq: {self._number} {method}",
            f"Contact: <sip:{user}@{self._here}>",
            "Max-Forwards: 70",
            "Expires: 60",
            "Content-Length: 0",
            *([f"Authorization: {authorization}"] if authorization else []),
        ]
        self._socket.send(("\r\n".join(lines) + "\r\n\r\n").encode())
        while True:
            answer = self._socket.recv(65536).decode()
            if not answer.startswith("SIP/2.0 1"):
                return answer

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def sip(lab: Lab) -> Iterator[Sip]:
    sip = Sip(lab.ports.sip)
    yield sip
    sip.close()


def digest(challenge: str, method: str, uri: str, password: str) -> str:
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    one = md5(f"softphone:{fields['realm']}:{password}")
    two = md5(f"{method}:{uri}")
    answer = md5(f"{one}:{fields['nonce']}:00000001:c:auth:{two}")
    return (
        f'Digest username="softphone", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
        f'uri="{uri}", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c", '
        f'opaque="{fields.get("opaque", "")}"'
    )


@pytest.mark.parametrize(("right", "status"), [(True, "200"), (False, "401")])
def test_a_softphone_registers_with_its_password_only(
    lab: Lab, sip: Sip, right: bool, status: str
) -> None:
    uri = f"sip:{ADDRESS}:{lab.ports.sip}"
    challenge = sip.ask("REGISTER", "softphone", uri)
    assert challenge.startswith("SIP/2.0 401")
    password = lab.softphone_password if right else "wrong"
    answer = sip.ask("REGISTER", "softphone", uri, digest(challenge, "REGISTER", uri, password))
    assert answer.startswith(f"SIP/2.0 {status}")


def test_a_call_in_the_softphones_name_is_asked_for_its_password(lab: Lab, sip: Sip) -> None:
    answer = sip.ask("INVITE", "softphone", f"sip:{HOTLINE}@{ADDRESS}:{lab.ports.sip}")
    assert answer.startswith("SIP/2.0 401")


def test_the_trunk_is_known_by_address_not_by_name(lab: Lab) -> None:
    shown = lab.exchange.rx("pjsip show endpoint trunk")
    assert re.search(r"identify_by\s*:\s*ip\s", shown), shown
