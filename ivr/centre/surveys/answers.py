"""What came of asking: folded from the events of surveys about one call, or one case."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.model.events import SurveyAnswered, SurveyEnded, SurveyOffered
from ivr.ports.coverage import Asked, Progress
from ivr.ports.store import StampedEvent


def asked(
    about: str, events: Iterable[StampedEvent], survey: str = "", progress: Progress | None = None
) -> Asked:
    """Return what came of asking about a call or a case, by the events about it in their order.

    A question that was asked again has its last answer, in its first place.
    """
    answers: dict[str, str] = {}
    recordings: list[str] = []
    how, at = "", None
    for one in events:
        match one.event:
            case SurveyOffered(survey=name):
                survey = survey or name
            case SurveyAnswered(survey=name, question=question, answer=answer, recording=recording):
                survey = survey or name
                answers[question] = answer
                at = one.at
                if recording:
                    recordings.append(recording)
            case SurveyEnded(how=how):
                pass
    return Asked(about, survey, answers, tuple(recordings), how, progress, at)
