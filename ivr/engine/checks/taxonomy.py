"""Checks of the taxonomy: what its rules name, and whether every rule can come to hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.engine.checks.world import Check, World
from ivr.model.codes import Code
from ivr.model.problem import Problem, Severity
from ivr.model.sheet import Sheet
from ivr.model.taxonomy import Rule, Said, TaxonomyDocument

_Taxonomy = Sheet[TaxonomyDocument]


def _said(taxonomy: _Taxonomy) -> Iterator[tuple[str, Said]]:
    """Yield all that says what customers say, with where it stands."""
    yield "collect", taxonomy.document.collect
    yield "complaints", taxonomy.document.complaints
    for number, rule in enumerate(taxonomy.document.rules):
        yield f"rules.{number}", rule


def themes_exist(world: World) -> Iterator[Problem]:
    """IVR336: a rule leads to a theme that is not there."""
    if (taxonomy := world.flow_set.taxonomy) is None:
        return
    known = taxonomy.document.themes()
    for number, rule in enumerate(taxonomy.document.rules):
        if rule.theme not in known:
            hint = world.closest(rule.theme, known) or "write GROUP.THEME"
            place = taxonomy.place_of(f"rules.{number}.theme", f"rules.{number}")
            message = f"there is no theme `{rule.theme}`"
            yield Problem(Code.UNKNOWN_THEME, place, message, hint)


def every_rule_can_hold(world: World) -> Iterator[Problem]:
    """IVR337: whatever fits a rule, fits an earlier one."""
    if (taxonomy := world.flow_set.taxonomy) is None:
        return
    rules = taxonomy.document.rules
    for number, rule in enumerate(rules):
        first = next((one for one in range(number) if _covers(rules[one], rule)), None)
        if first is not None:
            message = f"never comes to hold: whatever fits it fits rule {first + 1} above"
            place = taxonomy.place_of(f"rules.{number}")
            hint = "put it first, or delete it"
            yield Problem(Code.IDLE_RULE, place, message, hint, Severity.WARNING)


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether everything that fits `narrow` fits `wide`."""
    lists = ("steps", "dispositions", "cases", "callbacks", "queues")
    return (
        all(_holds(getattr(wide, name), getattr(narrow, name)) for name in lists)
        and _holds(_pairs(wide), _pairs(narrow))
        and _words_hold(_words(wide), _words(narrow))
    )


def _holds(wide: Collection[object], narrow: Collection[object]) -> bool:
    """Whether a line of the wide rule asks for no more than that of the narrow one."""
    return not wide or (bool(narrow) and all(one in wide for one in narrow))


def _words_hold(wide: Collection[str], narrow: Collection[str]) -> bool:
    return not wide or (bool(narrow) and all(any(one in word for one in wide) for word in narrow))


def _pairs(rule: Rule) -> set[tuple[str, str]]:
    return {(name, answer) for name, answers in rule.answers.items() for answer in answers}


def _words(rule: Rule) -> list[str]:
    return [word.casefold() for words in rule.words.values() for word in words]


def steps_exist(world: World) -> Iterator[Problem]:
    """IVR301, IVR305: a step that is not there."""
    if (taxonomy := world.flow_set.taxonomy) is None:
        return
    for where, said in _said(taxonomy):
        for number, named in enumerate(said.steps):
            name, _, step = named.partition(".")
            place = taxonomy.place_of(f"{where}.steps.{number}", where)
            flow = world.flows.get(name)
            if flow is None and name not in world.broken:
                hint = world.closest(name, world.flows)
                yield Problem(Code.UNKNOWN_FLOW, place, f"there is no flow `{name}`", hint)
            elif flow is not None and step not in flow.steps:
                hint = world.closest(step, flow.steps)
                message = f"the flow `{name}` has no step `{step}`"
                yield Problem(Code.UNKNOWN_STEP, place, message, hint)


def names_exist(world: World) -> Iterator[Problem]:
    """IVR312, IVR338, IVR339: a queue, a disposition or a kind of cases that is not there."""
    if (taxonomy := world.flow_set.taxonomy) is None:
        return
    for line, (file, what, known, code) in _known(world).items():
        for where, name in _named(taxonomy, line):
            if name not in known and file not in world.broken:
                hint = world.closest(name, known) or f"add it to {file}.yaml"
                place = taxonomy.place_of(where, where.partition(".")[0])
                yield Problem(code, place, f"there is no {what} `{name}`", hint)


def _known(world: World) -> dict[str, tuple[str, str, Collection[str], Code]]:
    """Return what may be named, by the line that names it: its file, what it is called, and a code."""
    plan, cases = world.flow_set.queues, world.flow_set.cases
    kinds = tuple(cases.document.cases) if cases is not None else ()
    dispositions = tuple(plan.dispositions.values())
    return {
        "dispositions": ("agents", "disposition", dispositions, Code.UNKNOWN_DISPOSITION),
        "cases": ("cases", "kind of cases", kinds, Code.UNKNOWN_CASE_KIND),
        "queues": ("queues", "queue", tuple(plan.queues), Code.UNKNOWN_QUEUE),
    }


def _named(taxonomy: _Taxonomy, line: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in a line everywhere, with its place."""
    for where, said in _said(taxonomy):
        for number, name in enumerate(getattr(said, line, ())):
            yield f"{where}.{line}.{number}", name
    if line == "queues":
        for branch, document in taxonomy.document.branches.items():
            for number, name in enumerate(document.queues):
                yield f"branches.{branch}.queues.{number}", name


def questions_exist(world: World) -> Iterator[Problem]:
    """IVR340: a survey or a question that is not there."""
    if (taxonomy := world.flow_set.taxonomy) is None:
        return
    surveys = world.flow_set.surveys
    asked = {f"{name}.{one}" for name in surveys for one in surveys[name].document.questions}
    for where, said in _said(taxonomy):
        for question in said.answers:
            if question not in asked and question.partition(".")[0] not in world.broken:
                hint = world.closest(question, asked) or "write SURVEY.QUESTION"
                place = taxonomy.place_of(f"{where}.answers.{question}", where)
                message = f"no survey asks `{question}`"
                yield Problem(Code.UNKNOWN_QUESTION, place, message, hint)


CHECKS: tuple[Check, ...] = (
    themes_exist,
    every_rule_can_hold,
    steps_exist,
    names_exist,
    questions_exist,
)
