"""Events: what happened in a call. Typed, frozen, and never with a caller's secret in them.

A new field needs a default: events of yesterday are read for years.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ivr.model.story import Telling

Words = Mapping[str, str]

_MOST_BULLETS = 64
"""The longest entry there is."""

_STATUS: Mapping[str, Words] = {
    "timeout_empty": {"zh": "没有按键", "en": "nothing"},
    "timeout_partial": {"zh": "，位数不够就停下了", "en": ", too few, then silence"},
    "no_match": {"zh": "，不在选项中", "en": ", which is no valid entry"},
    "cancelled": {"zh": "（取消，重新输入）", "en": " (to begin again)"},
    "back": {"zh": "（返回）", "en": " (to go back)"},
    "empty_term": {"zh": "，没有内容就结束了", "en": ", which ended an empty entry"},
}
"""What is said of an entry that is not complete."""


class Lost(enum.StrEnum):
    """Why a caller's auth level fell."""

    IDLE = "idle"
    PEOPLE = "people"


_LOST: Mapping[Lost, Words] = {
    Lost.IDLE: {"zh": "长时间没有按键", "en": "no key for too long"},
    Lost.PEOPLE: {"zh": "即将与人通话", "en": "people are to talk"},
}


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of all events.

    `words` tell it to people: language → a sentence with the event's fields in braces. `told_aside`
    events do not come of commands and their answers, so running the call again brings none.
    """

    words: ClassVar[Words] = {}
    told_aside: ClassVar[bool] = False

    def story(self, telling: Telling) -> str:
        """Say in words what happened; empty when it is not worth telling."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return self.words[telling.language].format_map(fields)


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


class PromptPlayed(Event, frozen=True):
    """The caller heard prompts (by id; spoken values by kind only)."""

    words: ClassVar[Words] = {"zh": "听到：{heard}", "en": "heard: {heard}"}

    prompts: tuple[str, ...]
    interrupted: bool

    def story(self, telling: Telling) -> str:
        cut = {"zh": "（按键打断）", "en": " (cut short by a key)"}[telling.language]
        heard = telling.texts(self.prompts) + (cut if self.interrupted else "")
        return self.words[telling.language].format(heard=heard)


class DigitsCollected(Event, frozen=True):
    """The caller was asked with `prompts` and keyed something: how many keys, never which."""

    words: ClassVar[Words] = {
        "zh": "听到：{heard}\n按键：{keys}{status}",
        "en": "heard: {heard}\npressed: {keys}{status}",
    }

    status: str
    keyed: int
    prompts: tuple[str, ...]

    def story(self, telling: Telling) -> str:
        said = _STATUS.get(self.status, {}).get(telling.language, "")
        keys = telling.keys or "•" * max(0, min(self.keyed, _MOST_BULLETS))
        heard = telling.texts(self.prompts)
        return self.words[telling.language].format(heard=heard, keys=keys, status=said)


class PromptMissing(Event, frozen=True):
    """Asterisk found no file for a prompt; the caller heard an apology instead."""

    words: ClassVar[Words] = {
        "zh": "没有提示音 {prompt} 的录音，客户听到了致歉",
        "en": "there was no recording of {prompt}: the caller heard an apology",
    }
    told_aside: ClassVar[bool] = True

    prompt: str


class LanguageChanged(Event, frozen=True):
    """The call goes on in another language."""

    words: ClassVar[Words] = {
        "zh": "改用语言 {language}",
        "en": "the call goes on in the language {language}",
    }

    language: str


class MenuOffered(Event, frozen=True):
    """An identified caller was offered a menu with something of their own in it.

    `offered` are the keys with the ids of what they led to, in the order heard; `own`: the caller's
    entries came first, and the full menu was on 8.
    """

    words: ClassVar[Words] = {
        "zh": "为来电者准备的菜单（{what}）：{offered}",
        "en": "the menu was arranged for this caller ({what}): {offered}",
    }

    offered: tuple[str, ...]
    own: bool

    def story(self, telling: Telling) -> str:
        kinds = {
            "zh": ("标准菜单，前加推荐", "客户自选菜单"),
            "en": ("the standard one, with something promoted first", "their own entries first"),
        }
        return self.words[telling.language].format(
            what=kinds[telling.language][self.own], offered=", ".join(self.offered)
        )


class MenuMoved(Event, frozen=True):
    """The caller was told that two own entries change places, because one is used clearly more."""

    words: ClassVar[Words] = {
        "zh": "客户自选菜单按使用习惯调整并已告知：{choice}（使用 {used} 次）从 {fell} 键移到 {rose} 键，"
        "{other}（使用 {other_used} 次）换到 {fell} 键",
        "en": "the caller's own menu learnt, and told it: {choice} (used {used} times) went from key "
        "{fell} to {rose}, {other} (used {other_used} times) to {fell}",
    }

    choice: str
    other: str
    rose: int
    fell: int
    used: int
    other_used: int


class MessageRecorded(Event, frozen=True):
    """The caller left a message, kept under `name`, `ms` long."""

    words: ClassVar[Words] = {
        "zh": "留言 {seconds:g} 秒，存为 {name}",
        "en": "left a message of {seconds:g} s, kept as {name}",
    }

    name: str
    ms: int

    def story(self, telling: Telling) -> str:
        return self.words[telling.language].format(seconds=self.ms / 1000, name=self.name)


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


class HungUp(Event, frozen=True):
    """The caller hung up, in this step."""

    words: ClassVar[Words] = {
        "zh": "客户在步骤 {flow}.{step} 挂机",
        "en": "the caller hung up in the step {flow}.{step}",
    }

    flow: str
    step: str


class CallEnded(Event, frozen=True):
    """The call is over."""

    words: ClassVar[Words] = {
        "zh": "通话结束：{reason}",
        "en": "the call is over: {reason}",
    }

    reason: str
