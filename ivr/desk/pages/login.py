"""Logging in and out, and the language."""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ivr.desk.guard import (
    LANGUAGE,
    LOGIN,
    Turned,
    Visit,
    form_of,
    site_of,
    source_of,
    spoken_in,
)
from ivr.desk.rendering import render
from ivr.desk.site import Site
from ivr.desk.wording import LANGUAGES
from ivr.model.secret import Secret
from ivr.ports.agents import Refusal
from ivr.ports.staff import Person

MOST = 64
"""Letters of the longest name or password."""
_YEAR_S = 365 * 24 * 3600
_LOG = logging.getLogger("ivr.desk")


async def ask(request: Request) -> Response:
    """The login page. Its form is bound to a cookie as any other, so nobody else can send it."""
    return _asked(request, site_of(request))


async def enter(request: Request) -> Response:
    """Log somebody in."""
    site = site_of(request)
    source = source_of(request)
    form = await form_of(request, site, request.cookies.get(site.cookie, ""))
    name, password = form.get("name", "").strip(), form.get("password", "")
    now = site.seconds()
    if not site.logins.allows(source, now) or not site.tries.allows(name.casefold(), now):
        raise Turned(429, "too-many")
    if not name or max(len(name), len(password)) > MOST:
        return _asked(request, site, Refusal.CREDENTIALS, 401)
    secret = Secret(password)
    try:
        found = await site.staff.check(name, secret, source)
    finally:
        secret.wipe()
    if not isinstance(found, Person):
        return _asked(request, site, found, 401)
    await site.staff.note(found.name, "desk.login", source=source)
    _LOG.info("%s is logged in from %s", found.name, source)
    cookie, _ = site.sessions.begin(found)
    response = RedirectResponse("/", 303)
    _give(site, response, cookie)
    return response


async def leave(visit: Visit) -> Response:
    """Log somebody out."""
    await visit.note("desk.logout")
    visit.site.sessions.end(visit.session)
    response = RedirectResponse(LOGIN, 303)
    _give(visit.site, response, visit.site.sessions.visitor())
    return response


async def speak(request: Request) -> Response:
    """Speak another language from now on."""
    site = site_of(request)
    form = await form_of(request, site, request.cookies.get(site.cookie, ""))
    language = form.get("language", "")
    back = form.get("back", "/")
    if language not in LANGUAGES:
        raise Turned(400, "not-a-form")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = RedirectResponse(back if inside else "/", 303)
    response.set_cookie(
        LANGUAGE,
        language,
        max_age=_YEAR_S,
        secure=site.settings.https,
        httponly=True,
        samesite="strict",
    )
    return response


def _asked(
    request: Request, site: Site, refused: Refusal | None = None, status: int = 200
) -> Response:
    cookie = request.cookies.get(site.cookie, "")
    new = not site.sessions.token(cookie)
    if new:
        cookie = site.sessions.visitor()
    token = site.sessions.token(cookie)
    page = render(
        "login.html", spoken_in(request), csrf=token, person=None, now=None, refused=refused
    )
    response = HTMLResponse(page, status)
    if new:
        _give(site, response, cookie)
    return response


def _give(site: Site, response: Response, cookie: str) -> None:
    response.set_cookie(
        site.cookie, cookie, secure=site.settings.https, httponly=True, samesite="strict", path="/"
    )
