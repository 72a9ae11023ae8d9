"""A call as the survey report sees it: its row of the ledger, and what came of asking about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

import msgspec

from ivr.model.surveys import NO, YES, Question
from ivr.ports.coverage import Asked, CoverageRow, How, Progress, Reason

OPTED_OUT_LATER = "opted_out_later"
"""Not to be asked any more: they opted out between the call's end and the offer."""
_NO_CALLERS = frozenset({Reason.TEST, Reason.STAFF})
_REACHED = frozenset({None, Progress.SENT, Progress.ANSWERED})
_PROMOTERS, _DETRACTORS = frozenset({"9", "10"}), frozenset(map(str, range(7)))
_TOP = _LOWEST = 2


class Call(msgspec.Struct, frozen=True, dict=True):
    """A call. `at` is its end, in the bank's zone; `questions` are those of its survey, as it was in the
    version that the call ran. `again`: the caller called again within 7 days; None: nobody can know,
    because the number is withheld or those days are not over."""

    row: CoverageRow
    asked: Asked
    at: datetime
    questions: Mapping[str, Question] = {}
    again: bool | None = None

    @cached_property
    def why_not(self) -> str:
        """Why the caller is not to be asked; empty for an eligible call."""
        if self.row.how is How.INELIGIBLE:
            return self.row.reason
        return OPTED_OUT_LATER if self.asked.progress is Progress.CANCELLED else ""

    @cached_property
    def waits(self) -> bool:
        """Whether the offer is still due."""
        return self.asked.progress is Progress.DUE and not self.why_not

    @cached_property
    def eligible(self) -> bool:
        """Whether the caller is to be asked, and was, or should have been by now."""
        return not self.why_not and not self.waits

    @cached_property
    def offered(self) -> bool:
        """Whether the question reached the caller: in the call, by a message, or on the telephone."""
        return self.eligible and self.asked.progress in _REACHED

    @cached_property
    def started(self) -> bool:
        """Whether at least one question was answered."""
        return self.offered and any(self.asked.answers.values())

    @cached_property
    def completed(self) -> bool:
        """Whether the survey was heard to its end, each question answered or refused by its key."""
        return self.started and self.asked.how == "completed"

    @cached_property
    def queue(self) -> str:
        """The queue of the last agent; empty where the machine did it alone."""
        return self.row.legs[-1].queue if self.row.legs else ""

    @cached_property
    def by_callers(self) -> bool:
        """Whether it is a caller's call, no test and no service code of an agent's."""
        return self.row.reason not in _NO_CALLERS

    @cached_property
    def unhappy(self) -> bool | None:
        """Whether the caller had to call again, or says that the service was poor (the lowest two of a
        scale) or the matter is not solved; None where nobody can know whether they called again."""
        if self.again is None:
            return None
        return self.again or any(_low(self.questions, one) for one in self.asked.answers.items())

    def scores(self) -> Iterator[tuple[str, float]]:
        """Yield what the answers measure: `csat` 1 for one of the top two boxes, else 0; `nps` 1, 0 or −1
        for promoters, passives and detractors; `fcr` 1 for solved; `ces` the key itself."""
        if self.started:
            yield from scores(self.questions, self.asked.answers)


def scores(
    questions: Mapping[str, Question], answers: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """Yield what answers measure. What was refused, or is no answer of the question, measures nothing."""
    for name, answer in answers.items():
        question = questions.get(name)
        if question is None or question.measures is None or answer not in question.answers():
            continue
        match question.measures:
            case "csat":
                yield "csat", float(answer in question.answers()[-_TOP:])
            case "nps":
                yield "nps", float(answer in _PROMOTERS) - float(answer in _DETRACTORS)
            case "fcr":
                yield "fcr", float(answer == YES)
            case "ces":
                yield "ces", float(answer)


def _low(questions: Mapping[str, Question], answered: tuple[str, str]) -> bool:
    name, answer = answered
    question = questions.get(name)
    if question is None:
        return False
    if question.measures == "fcr":
        return answer == NO
    return question.measures == "csat" and answer in question.answers()[:_LOWEST]
