"""Which row a call gets: a pure function of what happened in it, of what is known of its caller, and of
the surveys of the flows that it ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import msgspec

from ivr.centre.surveys.story import NOT_SERVED, Story
from ivr.model.flow import FlowSet
from ivr.model.sheet import Sheet
from ivr.model.surveys import Kind, SurveyDocument, SurveyRules, survey_for
from ivr.ports.coverage import How, Reason
from ivr.ports.offers import Known

_MS = timedelta(milliseconds=1)


class Asking(msgspec.Struct, frozen=True):
    """Whom a set of flows asks: the rules, and the surveys by name."""

    rules: SurveyRules = SurveyRules()
    surveys: Mapping[str, Sheet[SurveyDocument]] = {}

    @classmethod
    def of(cls, flows: FlowSet) -> Asking:
        """Return whom some flows ask."""
        said = flows.survey_rules
        return cls(said.document.survey_rules if said else SurveyRules(), flows.surveys)

    def survey(self, story: Story) -> str:
        """Return the survey for a call, that of the queue of its last agent; empty: there is none."""
        queue = story.legs[-1].queue if story.legs else ""
        kind = Kind.AGENT if story.legs else Kind.SELF_SERVICE
        return survey_for(self.surveys, kind, story.language, queue) or ""

    def later(self, ani: str, customer: str) -> Iterator[How]:
        """Yield the ways in which a caller may be asked afterwards, those the bank likes best first."""
        reached = {"message": (How.MESSAGE, customer), "call": (How.CALL, ani)}
        yield from (how for how, by in map(reached.__getitem__, self.rules.later.by) if by)


class Verdict(msgspec.Struct, frozen=True):
    """How a caller is asked about a call, and by which survey; or why not."""

    how: How
    survey: str = ""
    reason: str = ""


def decide(story: Story, known: Known, asking: Asking) -> Verdict:
    """Return what a call's row says: one of How, and a Reason just where it is INELIGIBLE."""
    if story.offered:
        return Verdict(How.IN_CALL, story.offered)
    reason = ineligible(story, known, asking)
    if reason is not None:
        return Verdict(How.INELIGIBLE, reason=reason)
    how = next(asking.later(story.ani, story.customer), None)
    if how is None:
        return Verdict(How.INELIGIBLE, reason=Reason.UNREACHABLE)
    return Verdict(how, asking.survey(story))


def ineligible(story: Story, known: Known, asking: Asking) -> Reason | None:
    """Return why a caller is not to be asked about a call, in it or afterwards; None: they are."""
    rules = asking.rules
    again = timedelta(days=rules.not_again_within)
    reasons = (
        (Reason.NOT_SERVED, story.outcome == NOT_SERVED),
        (Reason.OWN, story.begun_by_the_bank and not story.legs),
        (Reason.STAFF, story.dnis.startswith("*") and not story.begun_by_the_bank),
        (Reason.TEST, story.ani in rules.test_numbers),
        # Who rings the surveys' own number answers for another call, not for this one.
        (Reason.LINE, story.dnis in (*rules.lines, rules.later.number)),
        (Reason.SHORT, story.length < rules.shortest * _MS),
        (Reason.OPTED_OUT, known.opted_out),
        (Reason.NO_SURVEY, not asking.survey(story)),
        (Reason.RECENT, known.asked_at is not None and story.ended_at - known.asked_at < again),
    )
    return next((reason for reason, holds in reasons if holds), None)
