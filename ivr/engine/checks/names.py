"""Checks of what flows name outside themselves: prompts, languages, queues, numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.engine.checks.world import World, each_node
from ivr.model.codes import Code
from ivr.model.errors import EvaluationError
from ivr.model.flow import Flow, Node, is_service_code
from ivr.model.problem import Problem, Severity
from ivr.model.say import languages, say


@each_node
def prompts_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR311: a prompt that is missing in a language of the flow."""
    known = world.known.prompts
    if known is None:
        return
    seen = set()
    for speech in node.step.speeches():
        for prompt in speech.prompts():
            spoken = (prompt.language,) if prompt.language else flow.languages
            for language in spoken:
                if (language, prompt.id) in seen or prompt.id in known.get(language, ()):
                    continue
                seen.add((language, prompt.id))
                message = f"there is no prompt `{prompt.id}` in {language}"
                hint = _prompt_hint(world, prompt.id, language, known.get(language, ()))
                place = node.place_of(f"={prompt.id}", node.step.verb)
                yield Problem(Code.MISSING_PROMPT, place, message, hint)


@each_node
def literals_are_spoken(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR206: a spoken value, written in the flow, that there are no words for."""
    for speech in node.step.speeches():
        for spoken in speech.literals():
            try:
                for language in set(flow.languages) & set(languages()):
                    say(language, spoken.kind, spoken.value)
            except EvaluationError as error:
                place = node.place_of(f"={spoken.value}", node.step.verb)
                hint = f"write what can be said as {spoken.kind}"
                yield Problem(Code.WRONG_VALUE, place, str(error), hint)


def _prompt_hint(world: World, prompt: str, language: str, known: Collection[str]) -> str:
    near = world.closest(prompt, known)
    add = f"add `{prompt}: …` to prompts/{language}.yaml and run ivr prompts build"
    return f"{near} Or {add}" if near.startswith("did") else add


@each_node
def languages_are_spoken(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR319: a language that the flow, or the flow it goes to, does not speak."""
    if "languages" in flow.unread:
        return
    for language in node.step.languages():
        if language not in flow.languages:
            message = f"this flow does not speak {language}"
            hint = f"add it to `languages`, or use one of {', '.join(flow.languages)}"
            yield Problem(Code.WRONG_LANGUAGE, node.place_of(f"={language}"), message, hint)
    for name in node.step.flows():
        spoken = _spoken(world, flow, name)
        missing = [language for language in flow.languages if language not in spoken]
        if missing:
            message = f"the flow `{name}` does not speak {', '.join(missing)}"
            hint = f"add it to the `languages` of {name}, with its prompts"
            yield Problem(Code.WRONG_LANGUAGE, node.place_of(f"={name}"), message, hint)


def _spoken(world: World, flow: Flow, name: str) -> Collection[str]:
    """Return the languages of the flow `name`, as far as they are known to differ from its own."""
    target = world.flows.get(name)
    return flow.languages if target is None or "languages" in target.unread else target.languages


@each_node
def calendars_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR314: a calendar that is not there."""
    known = world.flow_set.calendars
    for name in node.step.calendars():
        if name not in known and name not in world.broken:
            yield _unknown(world, Code.UNKNOWN_CALENDAR, node, "calendar", name, known)


def calendars_know_holidays(world: World) -> Iterator[Problem]:
    """IVR326: hours that say nothing of holidays: callers would wait for people who are not there."""
    asked = {name for _, node in world.nodes() for name in node.step.calendars()}
    asked |= {queue.calendar for queue in world.flow_set.queues.queues.values() if queue.calendar}
    for name, calendar in world.flow_set.calendars.items():
        if name in asked and not calendar.rules_holidays and calendar.place is not None:
            message = f"`{name}` says nothing of holidays"
            hint = "write holidays: CN, or a list of dates; holidays: [] if people are always there"
            yield Problem(Code.NO_HOLIDAYS, calendar.place, message, hint, Severity.WARNING)


@each_node
def queues_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR312: a queue that is not in queues.yaml."""
    known = world.flow_set.queues.queues
    for name in node.step.queues():
        if name not in known and "queues" not in world.broken:
            yield _unknown(world, Code.UNKNOWN_QUEUE, node, "queue", name, known)


@each_node
def destinations_exist(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR313: a destination that is not configured."""
    for name in node.step.destinations():
        if world.known.destinations is not None and name not in world.known.destinations:
            known = world.known.destinations
            yield _unknown(world, Code.UNKNOWN_DESTINATION, node, "destination", name, known)


def _unknown(
    world: World, code: Code, node: Node, kind: str, name: str, known: Collection[str]
) -> Problem:
    hint = world.closest(name, known) or f"there is no {kind} at all"
    return Problem(code, node.place_of(f"={name}"), f"there is no {kind} `{name}`", hint)


def numbers_are_unique(world: World) -> Iterator[Problem]:
    """IVR315: a number that two flows answer."""
    taken: dict[str, str] = {}
    for flow in world.flows.values():
        for number in flow.numbers:
            if number in taken:
                place = flow.place_of(f"={number}")
                message = f"{number} is answered by `{taken[number]}` already"
                yield Problem(Code.SAME_NUMBER, place, message, "delete one of the two")
            taken.setdefault(number, flow.name)


def some_number_is_answered(world: World) -> Iterator[Problem]:
    """IVR316: no flow answers any number that callers dial."""
    flows = sorted(world.flows.values(), key=lambda flow: (bool(flow.returns), flow.place))
    known = not world.broken and not any("numbers" in flow.unread for flow in flows)
    dialled = [one for flow in flows for one in flow.numbers if not is_service_code(one)]
    if flows and known and not dialled:
        hint = 'write numbers: ["95500"] in the flow that callers come to'
        message = "no flow answers any number"
        yield Problem(Code.NO_NUMBER, flows[0].place, message, hint, Severity.WARNING)


CHECKS = (
    prompts_exist,
    literals_are_spoken,
    languages_are_spoken,
    calendars_exist,
    calendars_know_holidays,
    queues_exist,
    destinations_exist,
    numbers_are_unique,
    some_number_is_answered,
)
