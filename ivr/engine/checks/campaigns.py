"""Checks of campaigns: what their files name, and whether their flows can talk for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.engine.checks.world import Check, World
from ivr.model.codes import Code
from ivr.model.flow import is_service_code
from ivr.model.problem import Problem


def flows_talk(world: World) -> Iterator[Problem]:
    """IVR305, IVR350, IVR319: no such flow, or one that cannot talk for the campaign."""
    for sheet in world.flow_set.campaigns.values():
        name, place = sheet.document.talks, sheet.place_of("talks")
        flow = world.flows.get(name)
        if flow is None:
            if name not in world.broken:
                hint = world.closest(name, world.flows)
                yield Problem(Code.UNKNOWN_FLOW, place, f"there is no flow `{name}`", hint)
            continue
        if not any(is_service_code(number) for number in flow.numbers):
            message = f"the flow `{name}` answers no service code: no call could begin in it"
            hint = f'add one that is free to {name}.yaml: numbers: ["*67"]'
            yield Problem(Code.NO_CAMPAIGN_CODE, place, message, hint)
        for number, language in enumerate(sheet.document.languages):
            if language not in flow.languages:
                message = f"the flow `{name}` does not speak {language}"
                hint = f"choose of {', '.join(flow.languages)}, or add it to the flow"
                where = sheet.place_of(f"languages.{number}", "languages")
                yield Problem(Code.WRONG_LANGUAGE, where, message, hint)


def names_exist(world: World) -> Iterator[Problem]:
    """IVR312, IVR314: a queue or a calendar that is not there."""
    plan, calendars = world.flow_set.queues.queues, world.flow_set.calendars
    for sheet in world.flow_set.campaigns.values():
        queue, hours = sheet.document.queue, sheet.document.hours
        if queue is not None and queue not in plan and "queues" not in world.broken:
            hint = world.closest(queue, plan) or "add it to queues.yaml"
            message = f"there is no queue `{queue}`"
            yield Problem(Code.UNKNOWN_QUEUE, sheet.place_of("queue"), message, hint)
        if hours not in calendars and hours not in world.broken:
            hint = world.closest(hours, calendars) or "there is no calendar at all"
            message = f"there is no calendar `{hours}`"
            yield Problem(Code.UNKNOWN_CALENDAR, sheet.place_of("hours"), message, hint)


def results_exist(world: World) -> Iterator[Problem]:
    """IVR351: a flow takes down an outcome that its campaign does not know."""
    if world.broken:  # a campaign that knows it may be among them
        return
    known: dict[str, Collection[str]] = {}
    for sheet in world.flow_set.campaigns.values():
        mine = known.get(sheet.document.talks, ())
        known[sheet.document.talks] = {*mine, *sheet.document.outcomes}
    for flow in world.flows.values():
        for node in flow.steps.values():
            for outcome in node.step.results():
                if outcome not in known.get(flow.name, ()):
                    message = (
                        f"no campaign for which `{flow.name}` talks has the outcome `{outcome}`"
                    )
                    hint = world.closest(outcome, known.get(flow.name, ()))
                    hint = hint or "add it to the campaign's `outcomes`"
                    yield Problem(Code.UNKNOWN_RESULT, node.place_of("outcome"), message, hint)


CHECKS: tuple[Check, ...] = (flows_talk, names_exist, results_exist)
