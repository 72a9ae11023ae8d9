"""What every request goes through: headers, sessions, roles, CSRF, rate limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast
from urllib.parse import parse_qsl

import msgspec
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ivr.desk.rendering import render
from ivr.desk.sessions import Session
from ivr.desk.site import Site
from ivr.desk.wording import language_of
from ivr.ports.staff import Person, Role

LOGIN = "/login"
LANGUAGE = "onecall-language"
REFUSED = 409
"""The status of an act that was refused: a page clears what was taken, and keeps what was not."""
BODY_MOST = 16 * 1024
SAFE = ("GET", "HEAD")
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
    " 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Headers:
    """Sends what keeps a page from being framed, sniffed, injected into, or kept by a browser."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if https:
            self._headers["strict-transport-security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)


class Turned(Exception):
    """A request is not served: by which status, and why (a key of the words)."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Visit(msgspec.Struct, frozen=True):
    """A request, and who makes it. `form` is what it brings."""

    request: Request
    site: Site
    session: Session
    cookie: str
    language: str
    form: Mapping[str, str] = {}

    @property
    def person(self) -> Person:
        """Who is logged in."""
        return self.session.person

    @property
    def lasts(self) -> bool:
        """Whether a stream to this visitor goes on."""
        there = self.site.sessions.of(self.cookie, active=False)
        return there is not None and not self.site.closing

    @property
    def source(self) -> str:
        """Where the request comes from."""
        return source_of(self.request)

    async def note(self, what: str, about: str = "") -> None:
        """Write down who did what. Raises PortError."""
        await self.site.staff.note(self.person.name, what, about, self.source)

    def page(self, template: str, status: int = 200, **values: object) -> Response:
        """Return a page."""
        token = self.site.sessions.token(self.cookie)
        more = {"person": self.person, "csrf": token, "now": self.site.clock.now(), **values}
        return HTMLResponse(render(template, self.language, **more), status)

    def answer(self, notice: str, *parts: str, bad: bool = False) -> Response:
        """Return what came of an act: a notice, and parts of the page as they are then."""
        said = render("notice.html", self.language, notice=notice, bad=bad)
        return HTMLResponse(said + "".join(parts), REFUSED if bad else 200)


Page = Callable[[Visit], Awaitable[Response]]


def site_of(request: Request) -> Site:
    """Return the site that a request is for."""
    return cast(Site, request.app.state.site)


def source_of(request: Request) -> str:
    """Return the address a request comes from."""
    return request.client.host if request.client else ""


def spoken_in(request: Request) -> str:
    """Return the language of whoever makes a request."""
    wanted = request.cookies.get(LANGUAGE, "")
    return language_of(wanted, request.headers.get("accept-language", ""))


def guarded(
    page: Page, role: Role, *, active: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a page for whoever has at least a role; looking at one that is not
    `active` does not keep a session from ending."""

    async def endpoint(request: Request) -> Response:
        site = site_of(request)
        cookie = request.cookies.get(site.cookie, "")
        session = site.sessions.of(cookie, active=active)
        if session is None:
            return _to_login(request)
        person = await site.staff.person(session.person.name)
        if person is None or person.role is not session.person.role:
            site.sessions.end(session)
            return _to_login(request)
        visit = Visit(request, site, session, cookie, spoken_in(request))
        if not person.role.covers(role):
            await visit.note("desk.forbidden", request.url.path)
            raise Turned(403, "forbidden")
        if request.method not in SAFE:
            visit = msgspec.structs.replace(visit, form=await form_of(request, site, cookie))
            if not site.acts.allows(session.id, site.seconds()):
                raise Turned(429, "too-many")
        return await page(visit)

    return endpoint


async def form_of(request: Request, site: Site, cookie: str) -> dict[str, str]:
    """Return the fields of a form. Raises Turned for one that is too long, or no page of ours made."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise Turned(413, "too-long")
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise Turned(400, "not-a-form") from None
    token = request.headers.get("x-csrf-token") or form.pop("csrf", "")
    if not site.sessions.brings(cookie, token):
        raise Turned(403, "stale")
    return form


def _to_login(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": LOGIN})
    if "text/event-stream" in request.headers.get("accept", ""):
        # A browser does not come back after this one.
        return Response(status_code=204)
    return RedirectResponse(LOGIN, 303)


def error_page(why: str, language: str) -> str:
    """Return a page that says why there is no other."""
    return render("turned.html", language, notice=why, person=None, csrf="", now=None)


async def turned(request: Request, error: Exception) -> Response:
    """Say why a request is not served."""
    found = cast(Turned, error)
    language = spoken_in(request)
    if "hx-request" in request.headers:
        # Only the notice changes; what is being typed stays.
        said = render("notice.html", language, notice=found.why, bad=True)
        return HTMLResponse(said, found.status, {"HX-Reswap": "none"})
    return HTMLResponse(error_page(found.why, language), found.status)
