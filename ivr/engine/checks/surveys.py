"""Checks of surveys: what is asked and of whom, how long it takes, and whether anybody is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ivr.centre.routes import longest_ms, routes
from ivr.engine.checks.world import Check, World
from ivr.model.codes import Code
from ivr.model.place import Place
from ivr.model.problem import Problem, Severity
from ivr.model.sheet import Sheet
from ivr.model.surveys import RECORDED, Answers, Kind, SurveyDocument

_Survey = Sheet[SurveyDocument]


def each_survey(check: Callable[[World, _Survey], Iterator[Problem]]) -> Check:
    """Make a check of a function over one survey."""

    def run(world: World) -> Iterator[Problem]:
        for survey in world.flow_set.surveys.values():
            yield from check(world, survey)

    return run


def _answers(survey: _Survey) -> Iterator[tuple[str, str, Answers]]:
    """Yield what the survey does after some answers: where it stands, the question, the answers."""
    for name, question in survey.document.questions.items():
        for one, some in question.only.items():
            yield f"questions.{name}.only.{one}", one, some
    opens = survey.document.opens_case
    for one, some in opens.when.items() if opens is not None else ():
        yield f"opens_case.when.{one}", one, some


@each_survey
def questions_exist(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR340: a question that there is not. IVR206: an answer that nobody can give to one."""
    questions = survey.document.questions
    for where, name, some in _answers(survey):
        place = survey.place_of(where)
        if name not in questions:
            hint = world.closest(name, questions)
            yield Problem(Code.UNKNOWN_QUESTION, place, f"there is no question `{name}`", hint)
            continue
        known = questions[name].answers()
        for answer in (one for one in some if one not in known):
            message = f"`{name}` is never answered with {answer}"
            hint = f"the answers are {', '.join(known)}"
            if known == (RECORDED,):
                hint = "a comment is answered with recorded"
            yield Problem(Code.WRONG_VALUE, place, message, hint)


@each_survey
def questions_are_asked(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR341: a question that waits for itself, for a later one, or for answers that never come together."""
    questions = list(survey.document.questions)
    later = {
        name: [one for one in question.only if one in questions[questions.index(name) :]]
        for name, question in survey.document.questions.items()
    }
    asked = {name for route in routes(survey.document) for name in route}
    for name in questions:
        place = survey.place_of(f"questions.{name}.only", f"questions.{name}")
        if later[name]:
            message = f"`{name}` waits for the answer to `{later[name][0]}`, which is not before it"
            yield Problem(Code.NEVER_ASKED, place, message, "put the question it waits for before")
        elif name not in asked:
            message = f"nobody is asked `{name}`: no answers before it have it asked"
            yield Problem(Code.NEVER_ASKED, place, message, "widen its `only`, or delete it")


@each_survey
def few_are_asked(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR342: a caller may be asked more questions than the survey says."""
    most, document = max(map(len, routes(survey.document))), survey.document
    if most > document.most_questions:
        message = f"a caller may be asked {most} questions, more than {document.most_questions}"
        hint = f"ask less, or say so: most_questions: {most}"
        place = survey.place_of("most_questions", "questions")
        yield Problem(Code.MANY_QUESTIONS, place, message, hint)


@each_survey
def it_is_short(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR343: it takes longer than it may, in some language."""
    heard, document = world.known.heard, survey.document
    if heard is None or any(speech.dynamic for speech in document.speeches()):
        return
    for language in document.languages:
        ms = longest_ms(document, heard, language)
        if ms > document.longest:
            message = f"it may take {ms / 1000:.0f} s in {language}, more than {document.longest / 1000:g} s"
            hint = "ask less, in fewer words, or say how long it may take: longest: 90s"
            yield Problem(Code.LONG_SURVEY, survey.place_of("longest", "survey"), message, hint)


def surveys_are_apart(world: World) -> Iterator[Problem]:
    """IVR344: two surveys for the same callers."""
    taken: dict[tuple[Kind, str, str], str] = {}
    for name, survey in world.flow_set.surveys.items():
        document = survey.document
        if document.kind is Kind.CAMPAIGN:
            continue  # a campaign names its own
        for language in document.languages:
            for queue in document.for_queues or ("",):
                first = taken.setdefault((document.kind, language, queue), name)
                if first != name:
                    callers = f"the queue `{queue}` who speak" if queue else "all queues who speak"
                    what = callers if document.kind is Kind.AGENT else "this kind who speak"
                    message = f"callers of {what} {language} are asked by `{first}` already"
                    hint = "give them different `for_queues`, `languages` or kinds"
                    yield Problem(Code.SAME_SURVEY, survey.place_of("kind"), message, hint)


@each_survey
def names_are_known(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR312: a queue that there is not. IVR339: a kind of cases that there is not."""
    queues = world.flow_set.queues.queues
    for number, queue in enumerate(survey.document.for_queues):
        if queue not in queues and "queues" not in world.broken:
            hint = world.closest(queue, queues) or "queues are in flows/queues.yaml"
            place = survey.place_of(f"for_queues.{number}")
            yield Problem(Code.UNKNOWN_QUEUE, place, f"there is no queue `{queue}`", hint)
    opens = survey.document.opens_case
    if opens is not None and "cases" not in world.broken:
        sheet = world.flow_set.cases
        kinds: Mapping[str, object] = sheet.document.cases if sheet is not None else {}
        if opens.kind not in kinds:
            message = f"there is no kind of cases `{opens.kind}`"
            hint = world.closest(opens.kind, kinds) or "kinds are in flows/cases.yaml"
            yield Problem(Code.UNKNOWN_CASE_KIND, survey.place_of("opens_case.kind"), message, hint)


def contact_hours_exist(world: World) -> Iterator[Problem]:
    """IVR314: contact hours that there are not."""
    sheet, known = world.flow_set.survey_rules, world.flow_set.calendars
    calendar = sheet.document.survey_rules.later.calendar if sheet is not None else None
    if sheet is not None and calendar is not None and calendar not in (*known, *world.broken):
        place: Place = sheet.place_of("survey_rules.later.calendar")
        hint = world.closest(calendar, known) or "there is no calendar at all"
        yield Problem(Code.UNKNOWN_CALENDAR, place, f"there is no calendar `{calendar}`", hint)


def named_ones_exist(world: World) -> Iterator[Problem]:
    """IVR347: a flow asks a survey that no campaign may ask."""
    surveys = world.flow_set.surveys
    theirs = [name for name, one in surveys.items() if one.document.kind is Kind.CAMPAIGN]
    for _, node in world.nodes():
        for name in node.step.named_surveys():
            if name not in theirs and name not in world.broken:
                known = name in surveys
                message = (
                    f"`{name}` is of another kind" if known else f"there is no survey `{name}`"
                )
                hint = (
                    world.closest(name, theirs)
                    or f"write flows/surveys/{name}.yaml, kind: campaign"
                )
                yield Problem(
                    Code.UNKNOWN_SURVEY, node.place_of(f"{node.step.verb}.name"), message, hint
                )


@each_survey
def somebody_is_asked(world: World, survey: _Survey) -> Iterator[Problem]:
    """IVR410: no flow asks a survey."""
    name = survey.document.survey
    if not any(name in node.step.surveys() for _, node in world.nodes()) and world.whole():
        message = f"no flow asks `{name}`"
        asks = {Kind.CASE_CLOSED: "pending: true", Kind.CAMPAIGN: f"name: {name}"}
        hint = f"write a step with survey: {{{asks.get(survey.document.kind, '')}}}"
        yield Problem(
            Code.UNUSED_SURVEY, survey.place_of("survey"), message, hint, Severity.WARNING
        )


CHECKS: tuple[Check, ...] = (
    questions_exist,
    questions_are_asked,
    few_are_asked,
    it_is_short,
    surveys_are_apart,
    names_are_known,
    contact_hours_exist,
    named_ones_exist,
    somebody_is_asked,
)
