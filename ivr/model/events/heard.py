"""What callers hear, key and leave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ivr.model.events.base import Event, Words
from ivr.model.story import Telling

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
