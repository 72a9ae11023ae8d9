"""What callers were asked about the service, and said."""

from __future__ import annotations

from typing import ClassVar

from ivr.model.events.base import Event, Words


class SurveyOffered(Event, frozen=True):
    """The caller is asked to rate the service: by the survey of this name, about the call `about`
    (this one, where it is empty)."""

    words: ClassVar[Words] = {
        "zh": "邀请客户评价（{survey}）",
        "en": "asked to rate the service ({survey})",
    }
    told_aside: ClassVar[bool] = True

    survey: str
    about: str = ""


class SurveyAnswered(Event, frozen=True):
    """The caller answered a question: the key pressed or the number keyed, `recorded` for a comment that
    is kept under `recording`; empty: they would not answer this one."""

    words: ClassVar[Words] = {
        "zh": "评价问题 {question}：{answer}",
        "en": "asked {question}: {answer}",
    }
    told_aside: ClassVar[bool] = True

    survey: str
    question: str
    answer: str
    recording: str = ""
    about: str = ""


class SurveyEnded(Event, frozen=True):
    """The survey is over. `how`: `completed` (every question was heard), `refused` (none was), `broken_off`
    (the caller hung up, or went elsewhere), `opted_out` (never again, by key)."""

    words: ClassVar[Words] = {
        "zh": "评价结束：{how}",
        "en": "the survey is over: {how}",
    }
    told_aside: ClassVar[bool] = True

    survey: str
    how: str
    about: str = ""
