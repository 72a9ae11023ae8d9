"""Serving a port."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ivr.http.server import BODY_MOST
from ivr.model.errors import PortError
from tests.http.kit import LATE, PIN, Office, client, served

OPEN = "/v1/post/open"
SEND = "/v1/post/send"
JSON = {"content-type": "application/json"}


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def web(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    async with client(served(office)) as opened:
        yield opened


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem of an answer, which must be one of this status."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["title"]
    return told


async def test_a_method_is_asked(web: httpx.AsyncClient, office: Office) -> None:
    answer = await web.post(OPEN, json={"pin": PIN, "weight": 2})
    assert (answer.status_code, answer.json()) == (200, "open")
    assert office.pins == [PIN]


async def test_what_has_a_default_may_be_left_out(web: httpx.AsyncClient) -> None:
    parcel = {"name": "a", "at": "2026-11-23T10:30:00+08:00"}
    answer = await web.post(SEND, json={"parcel": parcel})
    assert answer.json()["price"] == {"minor": 0, "currency": "CNY"}


async def test_nothing_is_null(web: httpx.AsyncClient) -> None:
    answer = await web.post(OPEN, json={"pin": "", "weight": -1})
    assert answer.content == b"null"


@pytest.mark.parametrize("token", ["", "a-toke", "a-token ", "A-TOKEN", "ü"])
async def test_the_token_is_needed(office: Office, token: str) -> None:
    async with client(served(office), "x") as web:
        given = {b"authorization": f"Bearer {token}".encode()}
        refused = await web.post(OPEN, json={"pin": PIN, "weight": 2}, headers=given)
    problem(refused, 401)
    assert refused.headers["www-authenticate"] == "Bearer"
    assert office.pins == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 60_000, 400),
        (b"\xff\xfe", 400),
        (b'{"pin": "\\ud800", "weight": 1}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b"{}", 422),
        (b'{"pin": "1"}', 422),
        (b'{"pin": "1", "weight": 1, "note": 2}', 422),
        (b'{"pin": "1", "weight": "1"}', 422),
        (b'{"pin": 1, "weight": 1}', 422),
        (b'{"pin": "1", "weight": 99999999999999999999}', 422),
        (b" " * (BODY_MOST + 1), 413),
    ],
)
async def test_what_is_not_understood(
    web: httpx.AsyncClient, office: Office, body: bytes, status: int
) -> None:
    problem(await web.post(OPEN, content=body, headers=JSON), status)
    assert office.pins == []


async def test_only_json_is_taken(web: httpx.AsyncClient) -> None:
    problem(await web.post(OPEN, data={"pin": PIN, "weight": "1"}), 415)
    problem(await web.post(OPEN, content=b"{}"), 415)


async def test_no_such_operation(web: httpx.AsyncClient) -> None:
    problem(await web.post("/v1/post/burn", json={}), 404)
    told = await web.get(OPEN)
    problem(told, 405)
    assert told.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("error", "status", "retryable"),
    [
        (PortError("post", "there is no such parcel"), 409, False),
        (PortError("post", "it is closed", retryable=True), 503, True),
        (LATE, 504, True),
    ],
)
async def test_errors_of_the_port(
    web: httpx.AsyncClient, office: Office, error: PortError, status: int, retryable: bool
) -> None:
    office.failing = error
    parcel = {"name": "a", "at": "2026-11-23T10:30:00+08:00"}
    told = problem(await web.post(SEND, json={"parcel": parcel}), status)
    assert (told["detail"], told["retryable"]) == (error.problem, retryable)


@pytest.mark.parametrize(
    "body",
    [
        {"pin": [PIN], "weight": 1},
        {"pin": PIN * 20, "weight": 1},
        {"pin": PIN, "weight": PIN},
        {"pin": PIN, "weight": 1, PIN: 1},
        {"pin": PIN, "weight": 1, f"{PIN}` - at `$": 1},
        {"parcel": {"name": "a", "at": PIN, "colour": PIN}},
        {"parcel": {"name": "a", "at": "2026-11-23T10:30:00Z", "colour": PIN}},
        {"parcel": {"name": "a", "at": "2026-11-23T10:30:00Z", "about": {PIN: [PIN]}}},
    ],
)
async def test_what_was_sent_is_never_told(
    web: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, body: dict[str, Any]
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in (OPEN, SEND):
            told = problem(await web.post(path, json=body), 422)
            assert told["detail"]
            assert PIN not in json.dumps(told)
    assert PIN not in caplog.text


async def test_what_was_asked_is_in_no_log(
    web: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await web.post(OPEN, json={"pin": PIN, "weight": 2})
    assert "/v1/post/open: 200" in caplog.text
    assert PIN not in caplog.text
    assert "a-token" not in caplog.text


async def test_a_bug_is_told_without_its_words(office: Office) -> None:
    office.failing = ZeroDivisionError(PIN)  # type: ignore[assignment]  # what a bug raises
    async with client(served(office), failing=False) as web:
        parcel = {"name": "a", "at": "2026-11-23T10:30:00+08:00"}
        told = problem(await web.post(SEND, json={"parcel": parcel}), 500)
    assert PIN not in json.dumps(told)


async def test_anybody_may_read_the_document(office: Office) -> None:
    async with client(served(office), "no") as web:
        assert (await web.get("/v1/openapi.json")).json()["openapi"] == "3.1.0"
