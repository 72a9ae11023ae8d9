"""Ports that are somewhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ivr.http import client as clients
from ivr.http.serving import serving
from ivr.model.errors import PortError, PortTimeout
from ivr.model.secret import Secret
from ivr.model.values import Money
from ivr.ports.backend import Settings
from tests.http.kit import LATE, PIN, TOKEN, HttpPost, Office, Parcel, asked, served

AT = datetime(2026, 11, 23, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
PARCEL = Parcel("a", AT, Money(5), about={"of": Money(1), "n": 2})
NOWHERE = Path("nowhere")


def says(
    status: int, body: bytes, media_type: str = "application/json", **headers: str
) -> Starlette:
    """Return a bank that always answers the same."""

    async def answer(request: Request) -> Response:
        return Response(body, status, headers, media_type)

    paths = ("/v1/post/open", "/v1/post/send")
    return Starlette(routes=[Route(path, answer, methods=["POST"]) for path in paths])


@asynccontextmanager
async def reached(url: str, **settings: Any) -> Any:
    """Yield a port at a URL."""
    port = await HttpPost.opened(Settings(file=NOWHERE, url=url, **settings))
    try:
        yield port
    finally:
        await port.close()


async def test_over_a_socket_all_is_as_it_was() -> None:
    office = Office()
    async with serving(served(office)) as url, reached(url, token=TOKEN) as port:
        assert await port.send(PARCEL) == PARCEL
        assert await port.send(PARCEL, express=True) == PARCEL
        assert await port.open(Secret(PIN), 1) == "open"
        assert await port.open(Secret(PIN), weight=-1) is None
    assert office.pins == [PIN, PIN]


async def test_one_connection_serves_many_requests() -> None:
    arrived = 0

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        peers.add(scope["client"])
        await app(scope, receive, send)

    peers: set[Any] = set()
    app = served(Office())
    async with serving(counting) as url, reached(url, token=TOKEN) as port:
        for _ in range(5):
            await port.open(Secret(PIN), 1)
            arrived += 1
    assert (arrived, len(peers)) == (5, 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PortError("post", "there is no such parcel"), PortError),
        (PortError("post", "it is closed", retryable=True), PortError),
        (LATE, PortTimeout),
    ],
)
async def test_errors_come_over(error: PortError, kind: type[PortError]) -> None:
    office = Office()
    office.failing = error
    async with asked(served(office)) as port:
        with pytest.raises(PortError) as caught:
            await port.send(PARCEL)
    assert type(caught.value) is kind
    assert caught.value.retryable == error.retryable
    assert kind is PortTimeout or error.problem in str(caught.value)


@pytest.mark.parametrize(
    ("app", "problem", "retryable"),
    [
        (says(200, b'"open"', "text/html"), "answered 200", False),
        (says(200, b"<html>"), "not what the document says", False),
        (says(200, b"7"), "not what the document says", False),
        (says(200, b"[" * 60_000), "not what the document says", False),
        (says(204, b""), "answered 204", False),
        (says(302, b"", location="http://127.0.0.1:1/"), "answered 302", False),
        (says(404, b"nothing", "text/plain"), "answered 404", False),
        (says(500, b"Traceback 739146", "text/plain"), "answered 500", False),
        (says(502, b"", "text/plain"), "answered 502", True),
        (says(503, b"", "text/plain"), "answered 503", True),
    ],
)
async def test_other_answers_are_errors(app: Starlette, problem: str, retryable: bool) -> None:
    async with asked(app) as port:
        with pytest.raises(PortError, match=problem) as caught:
            await port.open(Secret(PIN), 1)
    assert caught.value.retryable is retryable
    assert PIN not in str(caught.value)


async def test_it_goes_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where an answer points, nor by what the environment names a proxy."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    elsewhere = served(Office())
    async with serving(elsewhere) as there:
        moved = says(307, b"", location=f"{there}/v1/post/open")
        async with serving(moved) as url, reached(url, token=TOKEN) as port:
            with pytest.raises(PortError, match="answered 307"):
                await port.open(Secret(PIN), 1)


TELLING = b'{"title":"No.","status":409,"detail":"739146, 4111 1111 1111-1111 on 2026\\u001b"}'


async def test_a_problem_is_quoted_without_long_numbers() -> None:
    async with asked(says(409, TELLING, "application/problem+json")) as port:
        with pytest.raises(PortError, match=r"answered 409 No. 739146, ••• on 2026$"):
            await port.send(PARCEL)


async def test_a_problem_that_cannot_be_read() -> None:
    async with asked(says(503, b"{", "application/problem+json")) as port:
        with pytest.raises(PortError, match="answered 503 a problem that cannot be read"):
            await port.send(PARCEL)


async def test_a_problem_with_a_secret_is_not_quoted_at_all() -> None:
    async with asked(says(409, TELLING, "application/problem+json")) as port:
        with pytest.raises(PortError, match=r"answered 409$"):
            await port.open(Secret(PIN), 1)


async def test_an_answer_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "ANSWER_MOST", 1_000)
    async with asked(says(200, b'"%s"' % (b"x" * 1_000))) as port:
        with pytest.raises(PortError, match="more than 1000 bytes"):
            await port.open(Secret(PIN), 1)


@asynccontextmanager
async def listening(
    met: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    context: ssl.SSLContext | None = None,
) -> Any:
    """Yield the URL of a server that does as it likes with a connection, of which there must be one."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await met(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        over.set()

    over = asyncio.Event()
    server = await asyncio.start_server(meet, "127.0.0.1", 0, ssl=context)
    scheme = "https" if context else "http"
    async with server:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await over.wait()


async def test_who_never_answers_is_given_up() -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(wait) as url, reached(url, budget_ms=50) as port:
        with pytest.raises(PortTimeout, match="post: no answer within 50 ms"):
            await port.open(Secret(PIN), 1)


async def test_a_lost_connection_may_be_tried_again() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with listening(hang_up) as url, reached(url) as port:
        with pytest.raises(PortError, match="connection was lost") as caught:
            await port.open(Secret(PIN), 1)
    assert caught.value.retryable
    assert type(caught.value) is PortError


async def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    async with reached(url) as port:
        with pytest.raises(PortError, match="cannot be reached") as caught:
            await port.open(Secret(PIN), 1)
    assert caught.value.retryable


async def test_a_certificate_of_strangers_is_not_trusted(tmp_path: Path) -> None:
    certificate, key = _self_signed(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
        writer.write(b'content-length: 6\r\n\r\n"open"')
        await writer.drain()

    heard: list[bytes] = []
    async with listening(answer, context) as url:
        async with reached(url, token=TOKEN) as port:
            with pytest.raises(PortError, match=r"cannot be reached: .*certificate"):
                await port.open(Secret(PIN), 1)
        assert heard == []
        async with reached(url, token=TOKEN, ca_file=certificate) as port:
            assert await port.open(Secret(PIN), 1) == "open"
        assert b"authorization: bearer a-token" in heard[0].lower()


async def test_no_certificates_there(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no certificates can be read: No such file"):
        await HttpPost.opened(Settings(file=NOWHERE, url="https://a", ca_file=tmp_path / "ca"))


async def test_what_the_document_does_not_allow_is_not_sent() -> None:
    office = Office()
    async with asked(served(office)) as port:
        for parcel in (
            Parcel("\udcff", AT),
            Parcel("x" * 5_000, AT),
            Parcel("a", AT, Money(2**60)),
        ):
            with pytest.raises(PortError):
                await port.send(parcel)
    assert office.done == 0


async def test_nothing_that_is_sent_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(served(Office())) as url, reached(url, token=TOKEN) as port:
            await port.open(Secret(PIN), 1)
    assert "httpx" not in {record.name.partition(".")[0] for record in caplog.records}
    assert "httpcore" not in {record.name.partition(".")[0] for record in caplog.records}
    assert PIN not in caplog.text


def _self_signed(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a bank")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36_500))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    (folder / "bank.pem").write_bytes(signed.public_bytes(pem))
    (folder / "bank.key").write_bytes(key.private_bytes(pem, form, serialization.NoEncryption()))
    return folder / "bank.pem", folder / "bank.key"
