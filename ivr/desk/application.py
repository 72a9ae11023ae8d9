"""The desk as a web application."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ivr.desk.guard import Headers, Turned, error_page, guarded, spoken_in, turned
from ivr.desk.pages import (
    acting,
    audit,
    cases,
    casework,
    desk,
    dictating,
    feedback,
    login,
    opening,
    orders,
    promising,
    recordings,
    wallboard,
)
from ivr.desk.rendering import STATIC
from ivr.desk.site import Site
from ivr.model.errors import PortError
from ivr.ports.staff import Role

_YEAR = "public, max-age=31536000, immutable"


class _Static(StaticFiles):
    """Static files are named with their content's hash, so they never change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _YEAR
        return response


def application(site: Site) -> Starlette:
    """Return the desk's application."""
    agent, supervisor = Role.AGENT, Role.SUPERVISOR
    get, post = ["GET"], ["POST"]
    routes = [
        Route("/login", login.ask, methods=get),
        Route("/login", login.enter, methods=post),
        Route("/language", login.speak, methods=post),
        Route("/logout", guarded(login.leave, agent), methods=post),
        Route("/", guarded(desk.page, agent), methods=get),
        Route("/events", guarded(desk.events, agent, active=False), methods=get),
        Route("/agent/{act}", guarded(acting.act, agent), methods=post),
        Route("/order", guarded(dictating.order, agent), methods=post),
        Route("/order/again", guarded(dictating.again, agent), methods=post),
        Route("/order/authorise", guarded(dictating.authorise, agent), methods=post),
        Route("/payment", guarded(dictating.payment, agent), methods=post),
        Route("/identity", guarded(dictating.identity, agent), methods=post),
        Route("/cases", guarded(cases.listed, agent), methods=get),
        Route("/cases/events", guarded(cases.list_events, agent, active=False), methods=get),
        Route("/cases/own/events", guarded(cases.own_events, agent, active=False)),
        Route("/cases/{number}", guarded(cases.one, agent), methods=get),
        Route("/cases/{number}/events", guarded(cases.one_events, agent, active=False)),
        Route("/cases/{number}/recordings/{name}", guarded(recordings.page, agent), methods=get),
        Route("/cases/{number}/recordings/{name}/sound", guarded(recordings.sound, agent)),
        Route("/cases/{number}/call", guarded(promising.about_case, agent), methods=post),
        Route("/cases/{number}/extend", guarded(casework.extend, agent), methods=post),
        Route("/cases/{number}/{act}", guarded(casework.act, agent), methods=post),
        Route("/case", guarded(opening.form, agent), methods=post),
        Route("/case/open", guarded(opening.opens, agent), methods=post),
        Route("/callback", guarded(promising.to_caller, agent), methods=post),
        Route("/orders/{name}", guarded(orders.one, agent), methods=get),
        Route("/wallboard", guarded(wallboard.page, supervisor), methods=get),
        Route("/wallboard/events", guarded(wallboard.events, supervisor, active=False)),
        Route("/wallboard/agents/{agent}", guarded(wallboard.agent, supervisor), methods=get),
        Route("/wallboard/spy", guarded(wallboard.spy, supervisor), methods=post),
        Route("/feedback", guarded(feedback.page, agent), methods=get),
        Route("/feedback/{act}", guarded(feedback.act, agent), methods=post),
        Route("/audit", guarded(audit.page, Role.ADMINISTRATOR), methods=get),
        Mount("/static", _Static(directory=STATIC)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Headers, https=site.settings.https)],
        exception_handlers={Turned: turned, PortError: _unreachable, 404: _nothing, 405: _nothing},
    )
    app.state.site = site
    return app


async def _nothing(request: Request, error: Exception) -> Response:
    return HTMLResponse(error_page("no-page", spoken_in(request)), 404)


async def _unreachable(request: Request, error: Exception) -> Response:
    """Say that something does not answer. What exactly is for the log, not for a page."""
    return await turned(request, Turned(503, "unreachable"))
