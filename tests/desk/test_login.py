"""Who gets in: passwords, roles, CSRF, limits, and the end of a session."""

from __future__ import annotations

from datetime import timedelta

import httpx
import msgspec
import pytest

from ivr.app.config import DeskConfig
from ivr.desk import site
from ivr.desk.guard import REFUSED
from ivr.http.serving import serving
from ivr.ports.staff import Role
from tests.desk.kit import PASSWORD, PEOPLE, running, token_of, words_of


async def test_a_password_opens_a_session_of_its_own() -> None:
    async with running() as desk:
        browser = desk.browser()
        assert (await browser.get("/")).headers["location"] == "/login"
        await browser.get("/login")
        before = browser.client.cookies[site.COOKIE]
        answer = await browser.login()
        assert answer.status_code == 303
        assert browser.client.cookies[site.COOKIE] != before
        given = answer.headers["set-cookie"].lower()
        assert "httponly" in given
        assert "samesite=strict" in given
        assert "Not at work" in words_of(await browser.get("/"))
        assert desk.people.noted() == ["desk.login"]


async def test_a_wrong_password_opens_nothing_and_what_was_typed_is_kept_nowhere() -> None:
    async with running() as desk:
        browser = desk.browser()
        answer = await browser.login("a-password-in-the-wrong-field", "x")
        assert answer.status_code == 401
        assert "wrong" in words_of(answer)
        assert (await browser.get("/")).status_code == 303
        assert "a-password-in-the-wrong-field" not in str(desk.people.notes)


async def test_by_https_cookies_go_nowhere_else() -> None:
    async with running(DeskConfig(https=True)) as desk:
        answer = await desk.browser().get("/login")
        assert answer.headers["set-cookie"].startswith("__Host-onecall-desk=")
        assert "secure" in answer.headers["set-cookie"].lower()
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_form_without_its_token_does_nothing() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        browser.token = ""
        answer = await browser.post("/agent/login", endpoint="agent1001", pin="582047")
        assert answer.status_code == 403
        assert desk.hall.view("1001").endpoint == ""
        other = desk.browser()
        browser.token = token_of(await other.get("/login"))
        assert (await browser.post("/agent/ready")).status_code == 403


async def test_nobody_can_have_somebody_else_log_in() -> None:
    async with running() as desk:
        browser = desk.browser()
        form = {"name": "li.na", "password": PASSWORD}
        assert (await browser.client.post("/login", data=form)).status_code == 403
        assert desk.people.noted() == []


async def test_a_cookie_that_was_made_up_is_nobody_s() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        kept = browser.client.cookies[site.COOKIE]
        forger = desk.browser()
        forger.client.cookies.set(site.COOKIE, kept.partition(".")[0] + ".forged")
        assert (await forger.get("/")).headers["location"] == "/login"


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("li.na", ["/", "/cases"], ["/wallboard", "/wallboard/agents/1001", "/audit"]),
        ("grace.liu", ["/cases", "/wallboard"], ["/audit"]),
        ("admin", ["/cases", "/wallboard", "/audit"], []),
    ],
)
async def test_a_role_opens_its_pages(name: str, allowed: list[str], refused: list[str]) -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login(name)
        assert [(await browser.get(path)).status_code for path in allowed] == [200] * len(allowed)
        assert [(await browser.get(path)).status_code for path in refused] == [403] * len(refused)
        assert desk.people.noted().count("desk.forbidden") == len(refused)


async def test_who_takes_no_calls_comes_to_the_wallboard_and_can_do_nothing_as_an_agent() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login("grace.liu")
        assert (await browser.get("/")).headers["location"] == "/wallboard"
        assert (await browser.post("/agent/ready")).status_code == 404


async def test_an_agent_cannot_listen() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        form = {"agent": "1002", "endpoint": "agent1001", "how": "listen"}
        assert (await browser.post("/wallboard/spy", **form)).status_code == 403
        assert desk.hall.asked == []


async def test_a_session_ends_when_nothing_is_done() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        for _ in range(3):
            desk.put_forward(timedelta(minutes=29))
            assert (await browser.get("/")).status_code == 200
        desk.put_forward(timedelta(minutes=31))
        assert (await browser.get("/")).status_code == 303
        answer = await browser.post("/agent/ready")
        assert answer.headers["hx-redirect"] == "/login"


async def test_a_stream_that_only_follows_keeps_no_session_going() -> None:
    async with running() as desk:
        cookie, _ = desk.site.sessions.begin(PEOPLE["li.na"])
        desk.put_forward(timedelta(minutes=29))
        assert desk.site.sessions.of(cookie, active=False)
        desk.put_forward(timedelta(minutes=2))
        assert desk.site.sessions.of(cookie, active=False) is None


async def test_a_session_ends_when_it_is_old() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        for _ in range(24):
            desk.put_forward(timedelta(minutes=30) - timedelta(seconds=1))
            await browser.get("/")
        desk.put_forward(timedelta(minutes=1))
        assert (await browser.get("/")).status_code == 303


async def test_logging_out_ends_it_at_once() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        kept = browser.client.cookies[site.COOKIE]
        await browser.client.post("/logout", data={"csrf": browser.token})
        thief = desk.browser()
        thief.client.cookies.set(site.COOKIE, kept)
        assert (await thief.get("/")).status_code == 303
        assert desk.people.noted() == ["desk.login", "desk.logout"]


async def test_who_is_removed_is_out_at_once() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        del desk.people.there["li.na"]
        assert (await browser.get("/")).status_code == 303


async def test_who_loses_a_role_loses_its_pages_at_once_and_its_streams_soon() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login("grace.liu")
        cookie = browser.client.cookies[site.COOKIE]
        grace = msgspec.structs.replace(PEOPLE["grace.liu"], role=Role.AGENT)
        desk.people.there["grace.liu"] = grace
        await desk.site.look_over()
        assert desk.site.sessions.of(cookie, active=False) is None
        await browser.login("grace.liu")
        assert (await browser.get("/wallboard")).status_code == 403
        desk.people.there["grace.liu"] = PEOPLE["grace.liu"]
        assert (await browser.get("/cases")).headers["location"] == "/login"


async def test_passwords_are_not_tried_without_end() -> None:
    async with running() as desk:
        browser = desk.browser()
        found = [
            (await browser.login(password="x")).status_code for _ in range(site.TRIES.most + 1)
        ]
        assert found == [401] * site.TRIES.most + [429]
        assert (await browser.login("grace.liu")).status_code == 303


async def test_one_address_does_not_try_names_without_end() -> None:
    async with running() as desk:
        browser = desk.browser()
        tried = range(site.LOGINS.most + 1)
        found = [(await browser.login(f"name{one}", "x")).status_code for one in tried]
        assert found == [401] * site.LOGINS.most + [429]


async def test_a_session_does_not_act_without_end() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        tried = range(site.ACTS.most + 1)
        found = [(await browser.post("/agent/extend")).status_code for _ in tried]
        assert found == [REFUSED] * site.ACTS.most + [429]


async def test_every_page_says_what_a_browser_may_do_with_it() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        for path in ("/login", "/", "/cases", "/nothing-here"):
            headers = (await browser.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"


async def test_a_form_that_is_too_long_is_not_read() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        assert (await browser.post("/agent/dispose", note="x" * 20_000)).status_code == 413


async def test_the_language_is_chosen_and_leads_nowhere_else() -> None:
    async with running() as desk:
        browser = desk.browser()
        await browser.login()
        assert "我的状态" not in (await browser.get("/")).text
        form = {"csrf": browser.token, "language": "zh", "back": "//elsewhere.example/"}
        answer = await browser.client.post("/language", data=form)
        assert answer.headers["location"] == "/"
        assert "我的状态" in (await browser.get("/")).text


async def test_behind_a_proxy_logins_are_counted_by_who_comes_to_it() -> None:
    async with (
        running() as desk,
        serving(desk.app) as url,
        httpx.AsyncClient(base_url=url, headers={"x-forwarded-for": "203.0.113.7"}) as client,
    ):
        page = await client.get("/login")
        form = {"csrf": token_of(page), "name": "li.na", "password": PASSWORD}
        assert (await client.post("/login", data=form)).status_code == 303
        assert [one.source for one in desk.people.notes] == ["203.0.113.7"]
