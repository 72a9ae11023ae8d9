"""What happens to every call: it begins, goes from step to step, and is over."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from ivr.model.events.base import Event, Words
from ivr.model.story import Telling


class Lost(enum.StrEnum):
    """Why a caller's auth level fell."""

    IDLE = "idle"
    PEOPLE = "people"


_LOST: Mapping[Lost, Words] = {
    Lost.IDLE: {"zh": "长时间没有按键", "en": "no key for too long"},
    Lost.PEOPLE: {"zh": "即将与人通话", "en": "people are to talk"},
}


class CallStarted(Event, frozen=True):
    """A call came in and runs the published flows of `version`."""

    words: ClassVar[Words] = {
        "zh": "{ani} 拨打 {dnis}，进入流程 {flow}（版本 {version}）",
        "en": "{ani} called {dnis}: the flow {flow} of version {version}",
    }

    dnis: str
    ani: str
    version: str
    flow: str
    language: str = ""

    def story(self, telling: Telling) -> str:
        hidden = {"zh": "隐藏号码", "en": "a withheld number"}[telling.language]
        return self.words[telling.language].format(
            ani=self.ani or hidden, dnis=self.dnis, flow=self.flow, version=self.version[:12]
        )


class CallResumed(Event, frozen=True):
    """A call came back on a new connection and goes on at its step."""

    words: ClassVar[Words] = {
        "zh": "通话换了连接，从步骤 {flow}.{step} 重新继续",
        "en": "the call came back on a new connection (its engine or its channel was gone) and begins the step {flow}.{step} again",
    }

    flow: str
    step: str


class StepEntered(Event, frozen=True):
    """A step begins."""

    words: ClassVar[Words] = {
        "zh": "步骤 {flow}.{step}（{verb}）",
        "en": "step {flow}.{step} ({verb})",
    }

    flow: str
    step: str
    verb: str


class StepLeft(Event, frozen=True):
    """A step ended with an outcome."""

    words: ClassVar[Words] = {
        "zh": "步骤结束，结果：{outcome}",
        "en": "the step ended: {outcome}",
    }

    flow: str
    step: str
    outcome: str


class StepFailed(Event, frozen=True):
    """A step could not go on. `problem` is for operators."""

    words: ClassVar[Words] = {
        "zh": "步骤 {flow}.{step} 出错：{problem}",
        "en": "the step {flow}.{step} failed: {problem}",
    }

    flow: str
    step: str
    problem: str


class LevelLost(Event, frozen=True):
    """The caller's auth level fell to 1."""

    words: ClassVar[Words] = {
        "zh": "认证级别由 {level} 降为 1（{why}）",
        "en": "the auth level fell from {level} to 1 ({why})",
    }

    level: int
    why: Lost

    def story(self, telling: Telling) -> str:
        why = _LOST[self.why][telling.language]
        return self.words[telling.language].format(level=self.level, why=why)


class HungUp(Event, frozen=True):
    """The caller hung up, in this step."""

    words: ClassVar[Words] = {
        "zh": "客户在步骤 {flow}.{step} 挂机",
        "en": "the caller hung up in the step {flow}.{step}",
    }

    flow: str
    step: str


class CallUnserved(Event, frozen=True):
    """Asterisk answered a call that no engine ever had: its own records tell."""

    words: ClassVar[Words] = {
        "zh": "{ani} 拨打 {dnis}：无引擎接听",
        "en": "{ani} called {dnis}: no engine had the call",
    }
    told_aside: ClassVar[bool] = True

    dnis: str
    ani: str
    started_at: datetime


class CallEnded(Event, frozen=True):
    """The call is over. `customer` is who was identified by then, if anybody was."""

    words: ClassVar[Words] = {
        "zh": "通话结束：{reason}",
        "en": "the call is over: {reason}",
    }

    reason: str
    customer: str = ""
