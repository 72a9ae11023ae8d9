"""Whom callers were put through to, and what became of their orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ivr.model.events.base import Event, Words
from ivr.model.story import Telling


class CallTransferred(Event, frozen=True):
    """The caller was put through to a destination, with this result."""

    words: ClassVar[Words] = {
        "zh": "转接到 {destination}，结果：{status}",
        "en": "put through to {destination}: {status}",
    }

    destination: str
    status: str


class CallQueued(Event, frozen=True):
    """The caller waited in a queue, with this result."""

    words: ClassVar[Words] = {
        "zh": "在队列 {queue} 等候，结果：{status}",
        "en": "waited in the queue {queue}: {status}",
    }

    queue: str
    status: str


class RecordingAnswered(Event, frozen=True):
    """The caller was asked whether the conversation may be recorded, and did agree (`given`) or not; `by`
    a `key`, or by `silence`, which means what the queue says."""

    words: ClassVar[Words] = {
        "zh": "通话录音（队列 {queue}）：{answer}（{by}）",
        "en": "the caller {answer} to be recorded (queue {queue}), by {by}",
    }

    queue: str
    given: bool
    by: str

    def story(self, telling: Telling) -> str:
        agreed = {"zh": ("不同意", "同意"), "en": ("does not agree", "agrees")}
        return self.words[telling.language].format(
            queue=self.queue, answer=agreed[telling.language][self.given], by=self.by
        )


class ConversationEnded(Event, frozen=True):
    """The caller and an agent have talked for `ms`; `by` whom it was ended: `agent`, `caller`, `transfer`,
    or `unknown`. `silent_ms` is how long nobody had spoken at the end; None: nobody listened for that.
    """

    words: ClassVar[Words] = {
        "zh": "与坐席 {agent}（队列 {queue}）通话 {seconds:g} 秒，结束方：{by}",
        "en": "talked with the agent {agent} (queue {queue}) for {seconds:g} s; ended by: {by}",
    }
    told_aside: ClassVar[bool] = True

    queue: str
    agent: str
    ms: int
    by: str
    silent_ms: int | None = None

    def story(self, telling: Telling) -> str:
        return self.words[telling.language].format(
            agent=self.agent, queue=self.queue, seconds=self.ms / 1000, by=self.by
        )


class CaseOpened(Event, frozen=True):
    """A case was opened for the caller: its number and its kind, and nothing of what it is about."""

    words: ClassVar[Words] = {
        "zh": "登记工单 {number}（{kind}）",
        "en": "opened the case {number} ({kind})",
    }

    number: str
    kind: str


class OrderChanged(Event, frozen=True):
    """A dictated order came to a state: one of the ledger's, or what came of authorising it or taking
    it back.

    `kind` is the order type where the answer tells it, `reference` what the caller was told, `reason`
    the bank's for a rejected one.
    """

    words: ClassVar[Words] = {
        "zh": "指令 {order}{kind}：{state}{told}",
        "en": "the order {order}{kind}: {state}{told}",
    }

    order: str
    state: str
    kind: str = ""
    reference: str = ""
    reason: str = ""

    def story(self, telling: Telling) -> str:
        language = telling.language
        return self.words[language].format(
            order=self.order[:8],
            kind=f" ({self.kind})" if self.kind else "",
            state=_ORDER_STATES[language].get(self.state, self.state),
            told="".join(f", {one}" for one in (self.reason, self.reference) if one),
        )


_ORDER_STATES: Mapping[str, Words] = {
    "zh": {
        "draft": "开始",
        "read_back": "已复述",
        "authorised": "已授权",
        "posting": "办理中",
        "posted": "已办理",
        "rejected": "被拒绝",
        "unknown": "结果未知",
        "cancelled": "已取消",
        "taken_back": "撤回，除非已授权",
        "stale": "未授权，复述已过期",
        "changed": "未授权，内容有变",
        "limit": "未授权，超过限额",
        "call_limit": "未授权，超过单次通话限额",
        "over": "未授权，已经结束",
    },
    "en": {
        "draft": "begun",
        "read_back": "read back",
        "authorised": "authorised",
        "posting": "being posted",
        "posted": "done",
        "rejected": "rejected",
        "unknown": "nobody knows yet",
        "cancelled": "cancelled",
        "taken_back": "taken back, unless it was authorised",
        "stale": "not authorised, the read-back is too old",
        "changed": "not authorised, it was read back anew",
        "limit": "not authorised, above a limit",
        "call_limit": "not authorised, above the limit of a call",
        "over": "not authorised, it was over",
    },
}
