"""Classifying: what a person said, else the first rule that fits, else the classifier if it is sure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ivr.centre.voc.values import Classified, How, Voice
from ivr.model.taxonomy import Rule, Said, TaxonomyDocument
from ivr.ports.voc import Corrected, Entry, Guess, Lesson

Guessing = Callable[[Sequence[str]], Sequence[Guess]]
"""Tells the likeliest theme of each text."""


def corrections(entries: Iterable[Entry]) -> dict[str, Corrected]:
    """Return what people said of items, by item; who said it last is right."""
    acts = (entry.act for entry in entries)
    return {act.item: act for act in acts if isinstance(act, Corrected)}


def lessons(said: Mapping[str, Corrected], taxonomy: TaxonomyDocument) -> list[Lesson]:
    """Return what the classifier can learn of, in the order of the items: texts whose theme is known,
    of the themes that there still are."""
    themes = taxonomy.themes()
    return [
        Lesson(act.text, act.theme)
        for _, act in sorted(said.items())
        if act.text and act.theme in themes
    ]


def classify(
    taxonomy: TaxonomyDocument,
    voices: Sequence[Voice],
    said: Mapping[str, Corrected],
    guessing: Guessing | None,
) -> list[Classified]:
    """Return all voices with their themes, in their order. Without `guessing` no classifier is asked."""
    themes = taxonomy.themes()
    found: dict[str, tuple[str, How]] = {}
    left: list[Voice] = []
    for voice in voices:
        correction = said.get(voice.id)
        theme = next((rule.theme for rule in taxonomy.rules if fits(rule, voice)), "")
        if correction is not None and correction.theme in themes:
            found[voice.id] = correction.theme, How.CORRECTED
        elif theme in themes:
            found[voice.id] = theme, How.RULE
        elif voice.text:
            left.append(voice)
    if guessing is not None and left:
        guesses = guessing([voice.text for voice in left])
        for voice, guess in zip(left, guesses, strict=True):
            if guess.confidence >= taxonomy.classifier.confidence and guess.theme in themes:
                found[voice.id] = guess.theme, How.CLASSIFIER
    return [
        Classified(voice, *found.get(voice.id, ("", How.NOTHING)), complains(taxonomy, voice))
        for voice in voices
    ]


def fits(rule: Rule, voice: Voice) -> bool:
    """Whether a rule leads a voice to its theme: every line that it gives holds."""
    given = list(ways(rule, voice))
    if rule.queues:
        given.append(voice.queue in rule.queues)
    if rule.words:
        text = voice.text.casefold()
        words = (word for words in rule.words.values() for word in words)
        given.append(any(word.casefold() in text for word in words))
    return all(given)


def complains(taxonomy: TaxonomyDocument, voice: Voice) -> bool:
    """Whether a voice is a complaint: any of the taxonomy's lines holds."""
    return any(ways(taxonomy.complaints, voice))


def ways(said: Said, voice: Voice) -> Iterator[bool]:
    """Yield of each line that is given whether it holds."""
    if said.steps:
        yield voice.step in said.steps or voice.menu in said.steps
    if said.dispositions:
        yield voice.disposition in said.dispositions
    if said.cases:
        yield voice.case in said.cases
    if said.answers:
        yield voice.answer in said.answers.get(voice.question, ())
    if said.callbacks:
        yield voice.callback in said.callbacks
