"""A call as the survey report sees it: its row of the ledger, and what came of asking about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from ivr.centre.surveys.story import CAMPAIGN
from ivr.model.surveys import NO, YES, Question
from ivr.ports.coverage import Asked, CoverageRow, How, Progress, Reason

OPTED_OUT_LATER = "opted_out_later"
"""Not to be asked any more: they opted out between the call's end and the offer."""
_NO_CALLERS = frozenset({Reason.TEST, Reason.STAFF})
_REACHED = frozenset({None, Progress.SENT, Progress.ANSWERED})
_PROMOTERS, _DETRACTORS = frozenset({"9", "10"}), frozenset(map(str, range(7)))
_TOP = _LOWEST = 2


class Call(msgspec.Struct):
    """A call. `at` is its end, in the bank's zone; `questions` are those of its survey, as it was in the
    version that the call ran. `again`: the caller called again within 7 days; None: nobody can know,
    because the number is withheld or those days are not over.

    The rest follows from these, and is worked out once. `why_not` is why the caller is not to be asked,
    empty for an eligible call; `waits`: the offer is still due. `eligible`: the caller is to be asked, and
    was, or should have been by now; `offered`: the question reached them, in the call, by a message or on
    the telephone; `started`: at least one question was answered; `completed`: the survey was heard to its
    end, each question answered or refused by its key. `queue` is that of the last agent, empty where
    the machine did it alone. `scores` are what the answers measure: see `scores`.
    """

    row: CoverageRow
    asked: Asked
    at: datetime
    questions: Mapping[str, Question] = {}
    again: bool | None = None
    why_not: str = ""
    waits: bool = False
    eligible: bool = False
    offered: bool = False
    started: bool = False
    completed: bool = False
    queue: str = ""
    scores: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        row, asked = self.row, self.asked
        if row.how is How.INELIGIBLE:
            self.why_not = row.reason
        elif row.kind == CAMPAIGN:
            # Whom the bank rang for its own questions: their answers are counted, and stand for no call.
            self.why_not = Reason.OWN
        elif asked.progress is Progress.CANCELLED:
            self.why_not = OPTED_OUT_LATER
        self.waits = asked.progress is Progress.DUE and not self.why_not
        self.eligible = not self.why_not and not self.waits
        self.offered = self.eligible and asked.progress in _REACHED
        self.started = self.offered and any(asked.answers.values())
        self.completed = self.started and asked.how == "completed"
        self.queue = row.legs[-1].queue if row.legs else ""
        self.scores = tuple(scores(self.questions, asked.answers)) if self.started else ()

    @property
    def by_callers(self) -> bool:
        """Whether it is a caller's call, no test and no service code of an agent's."""
        return self.row.reason not in _NO_CALLERS

    @property
    def unhappy(self) -> bool | None:
        """Whether the caller had to call again, or says that the service was poor (the lowest two of a
        scale) or the matter is not solved; None where nobody can know whether they called again."""
        if self.again is None:
            return None
        return self.again or any(_low(self.questions, one) for one in self.asked.answers.items())


def scores(
    questions: Mapping[str, Question], answers: Mapping[str, str]
) -> Iterator[tuple[str, float]]:
    """Yield what answers measure: `csat` 1 for one of the top two boxes, else 0; `nps` 1, 0 or −1 for
    promoters, passives and detractors; `fcr` 1 for solved; `ces` the key itself. What was refused, or is
    no answer of the question, measures nothing."""
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
