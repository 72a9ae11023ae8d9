"""Checks of what menus say: whether callers learn which key to press, in time, and for what."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.centre.announcing import named, speaks, told
from ivr.centre.input import BACK
from ivr.centre.listening import FIRST_OPTION_MS, first_option_ms, heard_ms
from ivr.engine.checks.menus import key_place, rules_of
from ivr.engine.checks.world import World, each_flow, each_node
from ivr.model.codes import Code
from ivr.model.digits import STANDARD_KEYS
from ivr.model.flow import Flow, Node
from ivr.model.problem import Problem, Severity
from ivr.model.prompt import Prompted
from ivr.model.speech import Speech
from ivr.ports.prompts import Prompts


@each_node
def keys_are_told(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR404: a text tells a key before what it is for. IVR406: it tells a key that is no choice."""
    keys = set(node.step.keys())
    if not keys:
        return
    cancel = rules_of(flow, node).cancel
    meant = keys | set(node.step.shortcuts()) | ({cancel} if BACK in node.edges else set())
    for name, language, text in dict.fromkeys(_texts(world, flow, node)):
        place = node.place_of(f"={name}", node.step.verb)
        for one in told(text, language):
            if one.key_first:
                message = f"`{name}` in {language} tells {one.keys} before what it is for"
                yield Problem(Code.KEY_FIRST, place, message, _EXAMPLES, Severity.WARNING)
            if one.keys not in meant:
                message = f"`{name}` in {language} tells {one.keys}, which is no choice here"
                hint = f"choices are {', '.join(sorted(keys))}: mend the text, or add the choice"
                yield Problem(Code.NO_SUCH_KEY, place, message, hint, Severity.WARNING)


_EXAMPLES = 'say what for, then the key: "For your balance, press one", "查询余额请按一"'


@each_node
def choices_are_told(world: World, flow: Flow, node: Node) -> Iterator[Problem]:
    """IVR407: a choice whose key the question does not name."""
    asked, keys = _asked(node), tuple(node.step.keys())
    if asked is None or asked.dynamic:
        return
    for language in flow.languages:
        texts = [text for prompt in asked.prompts() for text in _said(world, prompt, (language,))]
        if len(texts) < len(asked.root) or not all(speaks(spoken) for spoken, _ in texts):
            continue
        known = frozenset(STANDARD_KEYS).union(*(named(text, spoken) for spoken, text in texts))
        for key in keys:
            if not known.issuperset(key):
                message = f"no prompt tells callers in {language} to press {key}"
                hint = "name the key in the menu's prompt, or delete the choice"
                yield Problem(Code.NOT_TOLD, key_place(node, key), message, hint, Severity.WARNING)


@each_flow
def options_come_soon(world: World, flow: Flow) -> Iterator[Problem]:
    """IVR405: too long until callers hear the first option, of a menu or of the call."""
    heard = world.known.heard
    if heard is None:
        return
    first = list(_lead(flow)) if flow.numbers else []
    for node in flow.steps.values():
        asked = _asked(node)
        if asked is None:
            continue
        before = first[:-1] if first and first[-1] is node else []
        speeches = [*(speech for one in before for speech in one.step.speeches()), asked]
        for language in flow.languages:
            ms = _first_option_ms(heard, speeches, language)
            if ms is not None and ms > FIRST_OPTION_MS:
                message = f"the first option is heard after {ms / 1000:.1f} s in {language}"
                hint = f"say less before it: at most {FIRST_OPTION_MS // 1000} s"
                place = node.place_of(node.step.verb)
                yield Problem(Code.LATE_OPTION, place, message, hint, Severity.WARNING)


def _first_option_ms(heard: Prompts, speeches: list[Speech], language: str) -> int | None:
    *before, asked = speeches
    if any(speech.dynamic for speech in speeches):
        return None
    first = first_option_ms(heard, asked.audible({}), language)
    lead = sum(heard_ms(heard, speech.audible({}), language) for speech in before)
    return None if first is None else lead + first


def _lead(flow: Flow) -> Iterator[Node]:
    """Yield the steps that every call begins with, up to the first that waits or may branch."""
    seen: set[str] = set()
    name = flow.start
    while name in flow.steps and name not in seen:
        seen.add(name)
        node = flow.steps[name]
        yield node
        if len(node.step.exits()) != 1:
            return
        name = node.edges.get(node.step.normal or "", "")


def _asked(node: Node) -> Speech | None:
    """Return what a step with keys asks first."""
    questions = list(node.step.questions()) if list(node.step.keys()) else []
    return questions[0][0] if questions else None


def _texts(world: World, flow: Flow, node: Node) -> Iterator[tuple[str, str, str]]:
    """Yield all that a step says in prompts: prompt, language, text."""
    for speech in node.step.speeches():
        for prompt in speech.prompts():
            for language, text in _said(world, prompt, flow.languages):
                yield prompt.id, language, text


def _said(world: World, prompt: Prompted, languages: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield what a prompt says to callers of each language, as far as there is such a prompt: the
    language it says it in, and the text."""
    heard, known = world.known.heard, world.known.prompts
    if heard is None or known is None:
        return
    for language in languages:
        spoken = prompt.language or language
        if prompt.id in known.get(spoken, ()):
            yield spoken, " ".join(one.text for one in heard.render([prompt], language))


CHECKS = (keys_are_told, choices_are_told, options_come_soon)
