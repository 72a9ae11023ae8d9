"""Which keys a text tells, and whether before what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.prompts.texts import load_texts
from ivr.centre.announcing import named, speaks, told

ACTION_FIRST = [
    ("zh", "查询余额请按一。", "1"),
    ("zh", "查询余额，请按一；转账，请按二。", "1 2"),
    ("zh", "查询余额按1，转账按2，重听请按9。", "1 2 9"),
    ("zh", "如需人工服务，请按零转接。", "0"),
    ("zh", "若要听取您的菜单，请按星号键八。", "*8"),
    ("zh", "结束通话请按井号键。", "#"),
    ("zh", "欢迎致电一通银行，查询余额请按一号键，返回请按*。", "1 *"),
    ("en", "For your balance, press one. To leave a message, press three.", "1 3"),
    ("en", "For Chinese press one, for English press two.", "1 2"),
    ("en", "To end the call, please press the hash key now.", "#"),
    ("en", "If you want a person, press 0 to be connected.", "0"),
    ("en", "To add this to your menu, press star seven.", "*7"),
]
KEY_FIRST = [
    ("zh", "按一查询余额。", "1"),
    ("zh", "请按一查询余额，按二转账。", "1 2"),
    ("zh", "您可以按零，转人工服务。", "0"),
    ("zh", "欢迎致电一通银行，请按1查询余额。", "1"),
    ("zh", "请按井号键结束。", "#"),
    ("en", "Press one for your balance.", "1"),
    ("en", "Welcome, press 1 for your balance, or press 2 to transfer.", "1 2"),
    ("en", "Please press the star key to go back.", "*"),
    ("en", "You can press zero, to speak to a person.", "0"),
]
NEITHER = [
    ("zh", "满意请按一到五。"),
    ("zh", "请按一或二选择语言。"),
    ("zh", "请按一下键。"),
    ("zh", "请在提示音之后按键。"),
    ("zh", "一万两千元。"),
    ("en", "Press a key on your telephone."),
    ("en", "Press one or two."),
    ("en", "Press one to five, then wait."),
    ("en", "One Call Bank."),
    ("fr", "Tapez 1 pour votre solde."),
]


@pytest.mark.parametrize(("language", "text", "keys"), ACTION_FIRST)
def test_what_a_key_is_for_and_then_the_key(language: str, text: str, keys: str) -> None:
    found = told(text, language)
    assert " ".join(one.keys for one in found) == keys
    assert not any(one.key_first for one in found)


@pytest.mark.parametrize(("language", "text", "keys"), KEY_FIRST)
def test_a_key_before_what_it_is_for(language: str, text: str, keys: str) -> None:
    found = told(text, language)
    assert " ".join(one.keys for one in found) == keys
    assert all(one.key_first for one in found)


@pytest.mark.parametrize(("language", "text"), NEITHER)
def test_no_key_is_told(language: str, text: str) -> None:
    assert told(text, language) == ()


def test_where_an_option_begins() -> None:
    text = "Welcome to One Call Bank. For your balance, press one, for a person press zero."
    options = [text.index(" For your"), text.index(" for a")]
    assert [one.at for one in told(text, "en")] == options
    text = "Welcome, for Chinese press one; for English, press two."
    assert [one.at for one in told(text, "en")] == [text.index(" for C"), text.index(" for E")]
    text = "欢迎致电一通银行。请按一查询余额"
    assert [one.at for one in told(text, "zh")] == [text.index("请按")]


def test_a_key_is_named_wherever_its_name_stands() -> None:
    assert named("For a branch, two. For a person, zero.", "en") == {"2", "0"}
    assert named("网点二，人工零，结束井号", "zh") == {"2", "0", "#"}
    assert named("two", "fr") == frozenset()
    assert [speaks(language) for language in ("zh", "en", "fr")] == [True, True, False]


def test_the_prompts_of_the_demo_tell_no_key_first() -> None:
    texts = load_texts(Path(__file__).parents[2] / "prompts")
    found = {
        f"{language}: {text}"
        for language, own in texts.items()
        for name, text in own.items()
        if "menu" in name or name == "choose-language"
        for one in told(text, language)
        if one.key_first
    }
    assert found == set()
