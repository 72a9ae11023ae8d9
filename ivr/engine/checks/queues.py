"""Checks of queues and agents: what rules read, and whether anybody is there to serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.engine.checks.world import Check, World
from ivr.model.codes import Code
from ivr.model.expressions import Expression, Types, called, holding
from ivr.model.hints import closest
from ivr.model.problem import Problem, Severity
from ivr.model.queues import CALLER_FACTS, QueuePlan
from ivr.model.values import Value

_OF_AGENT = {"languages": "text", "agent": "text"}
_KINDS = {"level": "number", "truth": "truth"}


def _conditions(plan: QueuePlan) -> Iterator[tuple[str, Expression]]:
    """Yield the conditions on agents and callers, with where they stand."""
    for name, queue in plan.queues.items():
        for number, rule in enumerate(queue.agents):
            where = f"queues.{name}.agents.{number}"
            yield (f"{where}.when" if f"{where}.when" in plan.places else where), rule.when
        if queue.surge is not None and queue.surge.pull is not None:
            yield f"queues.{name}.surge.pull", queue.surge.pull
        for number, boost in enumerate(queue.boosts):
            yield f"queues.{name}.boosts.{number}.when", boost.when


def _names(plan: QueuePlan) -> Mapping[str, str]:
    """Return what conditions may read, with its type."""
    skills = {name: _KINDS[kind] for name, kind in plan.skills.items()}
    caller = {f"caller.{name}": kind for name, kind in CALLER_FACTS.items()}
    return {**skills, **_OF_AGENT, **caller}


def _agents_unread(world: World) -> bool:
    return "agents" in world.broken


def conditions_are_known(world: World) -> Iterator[Problem]:
    """IVR334: a rule reads what is no skill, and nothing that is known of agents or callers."""
    plan = world.flow_set.queues
    if _agents_unread(world):
        return
    known = _names(plan)
    for where, condition in _conditions(plan):
        for name in sorted(condition.names - known.keys()):
            message = f"there is no skill `{name}`"
            hint = world.closest(name, known) or f"add {name}: level to `skills` in agents.yaml"
            yield Problem(Code.UNKNOWN_SKILL, plan.places[where], message, hint)


def conditions_are_truths(world: World) -> Iterator[Problem]:
    """IVR323: a rule that is no truth, or compares what cannot be compared."""
    plan = world.flow_set.queues
    types: Mapping[str, Types] = {name: frozenset({kind}) for name, kind in _names(plan).items()}
    for where, condition in _conditions(plan):
        inferred = condition.infer(types)
        for mistake in inferred.mistakes:
            yield Problem(Code.WRONG_TYPE, plan.places[where], mistake, _TRUTH_HINT)
        if inferred.types and "truth" not in inferred.types and not inferred.mistakes:
            message = f"a rule is a truth, and this is {called(inferred.types)}"
            yield Problem(Code.WRONG_TYPE, plan.places[where], message, _TRUTH_HINT)


_TRUTH_HINT = "compare a level with a number: {{ loans >= 60 }}"


def skills_are_declared(world: World) -> Iterator[Problem]:
    """IVR334, IVR323: an agent has a skill that is not there, or has it in another way."""
    plan = world.flow_set.queues
    for agent, document in plan.agents.items():
        for name, value in document.skills.items():
            place = plan.places[f"agents.{agent}.skills.{name}"]
            kind = plan.skills.get(name)
            if kind is None:
                hint = closest(name, plan.skills) or f"add {name}: level to `skills`"
                yield Problem(Code.UNKNOWN_SKILL, place, f"there is no skill `{name}`", hint)
            elif (kind == "truth") is not isinstance(value, bool):
                hint = "write true" if kind == "truth" else "write a level of 1 to 100"
                message = f"`{name}` is a {kind}, and this is not"
                yield Problem(Code.WRONG_TYPE, place, message, hint)


def skill_names_are_free(world: World) -> Iterator[Problem]:
    """IVR320: a skill is called as something else that rules read."""
    plan = world.flow_set.queues
    for name in plan.skills.keys() & {*_OF_AGENT, "caller"}:
        message = f"no skill can be called `{name}`: rules read something else by it"
        hint = "give it another name"
        yield Problem(Code.HIDDEN_GROUP, plan.places[f"skills.{name}"], message, hint)


def somebody_serves(world: World) -> Iterator[Problem]:
    """IVR335: a queue whose callers nobody could serve."""
    plan = world.flow_set.queues
    if _agents_unread(world):
        return
    for name, queue in plan.queues.items():
        for language in sorted(_languages(world)):
            if not any(
                _admitted(plan, agent, rule.when, language)
                for rule in queue.agents
                for agent, document in plan.agents.items()
                if rule.second_line or not document.second_line
            ):
                message = f"no agent can serve `{name}` to callers who speak {language}"
                hint = "widen a rule, or give agents the skill and the language"
                place = plan.places[f"queues.{name}"]
                yield Problem(Code.NO_AGENT, place, message, hint, Severity.WARNING)


def _languages(world: World) -> set[str]:
    return {language for flow in world.flows.values() for language in flow.languages}


def _admitted(plan: QueuePlan, agent: str, when: Expression, language: str) -> bool:
    """Whether a rule admits an agent for some caller of a language: whatever else it asks of the
    caller may be so."""
    document = plan.agents[agent]
    if {"caller.segment", "caller.level", "caller.last_agent"} & when.names:
        return True
    scope: dict[str, Value] = {
        **document.skills,
        "languages": " ".join(document.languages),
        "agent": agent,
        "caller": {"language": language},
    }
    return holding(when)(scope)


def calendars_exist(world: World) -> Iterator[Problem]:
    """IVR314: a calendar that is not there."""
    plan, known = world.flow_set.queues, world.flow_set.calendars
    for name, queue in plan.queues.items():
        callbacks = queue.callbacks.calendar if queue.callbacks is not None else None
        for where, calendar in (("calendar", queue.calendar), ("callbacks.calendar", callbacks)):
            if calendar is not None and calendar not in known and calendar not in world.broken:
                message = f"there is no calendar `{calendar}`"
                hint = world.closest(calendar, known) or "there is no calendar at all"
                place = plan.places[f"queues.{name}.{where}"]
                yield Problem(Code.UNKNOWN_CALENDAR, place, message, hint)


def whispers_exist(world: World) -> Iterator[Problem]:
    """IVR311: a prompt that agents are to hear is missing in a language of the flows."""
    plan = world.flow_set.queues
    for name, queue in plan.queues.items():
        for number, prompt in enumerate(queue.whisper):
            for language in sorted(_languages(world)):
                known = (world.known.prompts or {}).get(language, (prompt,))
                if prompt not in known:
                    message = f"there is no prompt `{prompt}` in {language}"
                    hint = f"add `{prompt}: …` to prompts/{language}.yaml and run ivr prompts build"
                    place = plan.places[f"queues.{name}.whisper.{number}"]
                    yield Problem(Code.MISSING_PROMPT, place, message, hint)


CHECKS: tuple[Check, ...] = (
    conditions_are_known,
    conditions_are_truths,
    skills_are_declared,
    skill_names_are_free,
    somebody_serves,
    calendars_exist,
    whispers_exist,
)
