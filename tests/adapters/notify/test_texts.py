"""The texts of messages."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ivr.adapters.notify.embedded import TEXTS
from ivr.adapters.notify.texts import Texts
from ivr.model.errors import PortError
from ivr.model.secret import MASK
from ivr.model.values import Money, Scalar
from ivr.ports.notify import Notice
from ivr.ports.payments import Decline
from ivr.ports.posting import Reason

ORDER: dict[str, Scalar] = {
    "reference": "10000008",
    "order": "transfer",
    "amount": Money(12_345_678_90),
    "fee": Money(0),
    "reason": "",
    "case": "",
}
ORDER_TYPES = Path(__file__).parents[3] / "flows" / "orders"
ORDERS = ("posted", "rejected", "unknown", "resolved-posted", "resolved-rejected")
TEMPLATES = (*(f"order-{one}" for one in ORDERS), "case-opened")


def sent(template: str, language: str, **values: Scalar) -> str:
    """Return one of the texts that come with OneCall."""
    notice = Notice("k", "C1002", template, language, {**ORDER, **values})
    return Texts.read(TEXTS).render(notice).sent


def words(language: str) -> dict[str, dict[str, str]]:
    """Return the words of a language."""
    found: dict[str, dict[str, str]] = yaml.safe_load((TEXTS / f"{language}.yaml").read_bytes())[
        "words"
    ]
    return found


def written(folder: Path, text: str) -> Texts:
    """Read a folder with one text, `t`."""
    (folder / "en.yaml").write_text(text, "utf-8")
    return Texts.read(folder)


def test_a_receipt_in_both_languages() -> None:
    zh = sent("order-posted", "zh", fee=Money(200))
    assert zh == "您的转账已办理成功，金额12,345,678.90元，手续费2.00元。凭证号10000008。"
    en = sent("order-posted", "en")
    assert en == "Your transfer is done, amount CNY 12,345,678.90. Reference 10000008."


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_receipt_has_its_text(template: str, language: str) -> None:
    text = sent(template, language, reason="funds", case="20000006")
    assert "10000008" in text
    assert not set("{}[]") & set(text)
    assert "transfer" not in text or language == "en"


def test_a_word_that_is_not_known_is_itself() -> None:
    assert "您的zebra-ride已办理成功" in sent("order-posted", "zh", order="zebra-ride")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_order_of_the_demo_has_its_word(language: str) -> None:
    names = {file.stem for file in ORDER_TYPES.glob("*.yaml")} | {"payment", "refund", "card"}
    assert len(names) > 3
    assert names <= set(words(language)["order"])


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("reason", [*Reason, *Decline])
def test_every_reason_has_its_word(reason: Reason | Decline, language: str) -> None:
    without = sent("order-rejected", language, reason="")
    assert (sent("order-rejected", language, reason=reason.value) == without) is (not reason)
    assert not reason or reason.value in words(language)["reason"]


def test_foreign_and_negative_money(tmp_path: Path) -> None:
    texts = written(tmp_path, "texts: {t: '{a} {b}'}\n")
    values: dict[str, Scalar] = {"a": Money(-5), "b": Money(123_456, "USD")}
    assert texts.render(Notice("k", "C1", "t", "en", values)).sent == "CNY -0.05 USD 1,234.56"


def test_what_is_secret_is_not_kept() -> None:
    values: dict[str, Scalar] = {"code": "739146", "minutes": 5}
    rendered = Texts.read(TEXTS).render(Notice("k", "C1", "one-time-code", "en", values))
    assert "739146" in rendered.sent
    assert "739146" not in rendered.kept
    assert MASK in rendered.kept


@pytest.mark.parametrize(
    ("value", "text"), [("x", "a x b"), ("", "a b"), (0, "a b"), (Money(0), "a b")]
)
def test_brackets_are_left_out_with_their_value(tmp_path: Path, value: Scalar, text: str) -> None:
    texts = written(tmp_path, "texts: {t: 'a[ {v}] b'}\n")
    shown = texts.render(Notice("k", "C1", "t", "en", {"v": value})).sent
    assert shown.replace("CNY ", "") == text


def test_a_value_is_never_a_placeholder(tmp_path: Path) -> None:
    texts = written(tmp_path, "texts: {t: '{a}'}\n")
    assert texts.render(Notice("k", "C1", "t", "en", {"a": "{b}[c]", "b": 1})).sent == "{b}[c]"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("texts: {t: 'a {b'}", "t: braces are for"),
        ("texts: {t: 'a {b.c}'}", "t: braces are for"),
        ("texts: {t: 'a [b [c]]'}", "t: braces are for"),
        ("texts: {t: 1}", "texts.t: Input should be a valid string"),
        ("words: {}", "texts: Field required"),
        ("texts: {", "not YAML"),
        ("texts: {t: !!python/name:os.system ''}", "not YAML"),
    ],
)
def test_mistakes_in_a_file(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(PortError, match=problem) as caught:
        written(tmp_path, text)
    assert "en.yaml" in str(caught.value)


def test_a_folder_without_texts(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="there is no <language>"):
        Texts.read(tmp_path)
