"""How texts tell callers which key to press: `For your balance, press one.`, `查询余额请按一。`

Callers listen for what they want, and only then for its key: of an option that begins with its key
they have missed the key when they know that they want it. What is found here is certain; a text may
tell more than is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec


class Told(msgspec.Struct, frozen=True):
    """A key, or several one after the other, that a text tells to press.

    `at` is the index in the text where the option begins; `key_first` whether the key comes before
    what it is for.
    """

    keys: str
    at: int
    key_first: bool


class _Language(msgspec.Struct, frozen=True):
    """How a language tells keys.

    `names` are keys by what they are called; `press` finds one that is to be pressed, unless
    `range` follows (`press one or two`). `stop` ends a sentence, `pause` a clause. `filler` says
    nothing about what a key is for, `purpose` does; `wish` is how a clause begins that does.
    """

    names: Mapping[str, str]
    name: re.Pattern[str]
    press: re.Pattern[str]
    range: re.Pattern[str]
    stop: re.Pattern[str]
    pause: re.Pattern[str]
    filler: re.Pattern[str]
    purpose: re.Pattern[str]
    wish: re.Pattern[str]


def speaks(language: str) -> bool:
    """Whether it is known how a language tells keys."""
    return language in _LANGUAGES


def told(text: str, language: str) -> tuple[Told, ...]:
    """Return the keys that a text tells to press, in order; none in a language unknown here."""
    known = _LANGUAGES.get(language)
    return tuple(_told(text.lower(), known)) if known is not None else ()


def named(text: str, language: str) -> frozenset[str]:
    """Return every key that a text names, whatever for; none in a language unknown here."""
    known = _LANGUAGES.get(language)
    return frozenset(_keys(text.lower(), known)) if known is not None else frozenset()


def _told(text: str, language: _Language) -> Iterator[Told]:
    for start, sentence in _parts(text, language.stop):
        clauses = list(_parts(sentence, language.pause))
        pressed = [_pressed(clause, language) for _, clause in clauses]
        for number, ((at, clause), match) in enumerate(zip(clauses, pressed, strict=True)):
            if match is None:
                continue
            # A clause that tells no key itself may say what the next one's key is for.
            alone = number > 0 and pressed[number - 1] is None
            lead_at, lead = clauses[number - 1] if alone else (at, "")
            following = clauses[number + 1 :]
            after = clause[match.end() :]
            if following and pressed[number + 1] is None and not _says(after, language):
                after = following[0][1]
            keys = "".join(_keys(match["key"], language))
            if _says(clause[: match.start()], language):
                yield Told(keys, start + at, key_first=False)
            elif _key_first(lead, after, language):
                yield Told(keys, start + at, key_first=True)
            else:
                yield Told(keys, start + lead_at, key_first=False)


def _pressed(clause: str, language: _Language) -> re.Match[str] | None:
    match = language.press.search(clause)
    return None if match is None or language.range.match(clause, match.end()) else match


def _key_first(lead: str, after: str, language: _Language) -> bool:
    """Whether what a key is for comes after it, where nothing in its clause comes before."""
    if _says(lead, language) and (not _says(after, language) or language.wish.match(lead)):
        return False
    return language.purpose.search(after) is not None


def _says(text: str, language: _Language) -> bool:
    return language.filler.sub("", text).strip() != ""


def _keys(text: str, language: _Language) -> list[str]:
    return [language.names[name] for name in language.name.findall(text)]


def _parts(text: str, at: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text, each with its index."""
    begin = 0
    for match in at.finditer(text):
        yield begin, text[begin : match.start()]
        begin = match.end()
    yield begin, text[begin:]


_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS = {digit: digit for digit in "0123456789"}
_ENGLISH = {
    **_DIGITS,
    **{word: str(digit) for digit, word in enumerate(_WORDS)},
    **dict.fromkeys(("star", "asterisk", "*"), "*"),
    **dict.fromkeys(("hash", "pound", "#"), "#"),
}
_CHINESE = {
    **_DIGITS,
    **{character: str(digit) for digit, character in enumerate("零一二三四五六七八九")},
    "〇": "0",
    "幺": "1",
    "两": "2",
    **dict.fromkeys("星米*", "*"),
    **dict.fromkeys("井#", "#"),
}
_EN = rf"(?:\b(?:{'|'.join(_WORDS)}|star|asterisk|hash|pound|\d)\b|[*#])"
_ZH = r"(?:[零〇一二两三四五六七八九幺井星米0-9*#](?:[号字]?键|号)?)"

_LANGUAGES: Mapping[str, _Language] = {
    "en": _Language(
        names=_ENGLISH,
        name=re.compile(_EN),
        press=re.compile(
            rf"\b(?:press|dial|push|hit|key)(?: in)? (?:the )?(?P<key>{_EN}(?:[ -]{_EN})*)(?: key)?"
        ),
        range=re.compile(rf"\s*(?:or|to|through|and)\s+(?:the )?{_EN}"),
        stop=re.compile(r"[.!?;:]"),
        pause=re.compile(r","),
        filler=re.compile(r"\b(?:please|now|just|simply|then|or|and|you|can|may)\b"),
        purpose=re.compile(r"\b(?:for|to|if)\b"),
        wish=re.compile(r"\s*(?:or |and )?(?:for|to|if|when)\b"),
    ),
    "zh": _Language(
        names=_CHINESE,
        name=re.compile(r"[零〇一二两三四五六七八九幺井星米0-9*#]"),
        press=re.compile(rf"[按拨]键?(?P<key>{_ZH}+)"),
        range=re.compile(r"\s*(?:[至到或和、~-]|[下次声秒]|后|再|并|然后|开头|开始)"),
        stop=re.compile(r"[。！？；：.!?;:]"),
        pause=re.compile(r"[，,]"),
        filler=re.compile(r"您|请|可以|可|直接|现在|也|或者|或|键|即|吧|[\s“”\"'、]"),
        purpose=re.compile(r"\S"),
        wish=re.compile(r"\s*(?:如|若|要|想|需|办)"),
    ),
}
