"""How the words of the say-layer sound, as far as the telephone lets it through.

A telephone line carries 300–3400 Hz (ITU-T G.712). What tells sibilants and stops apart lies above, and tones
are weak in noise: what is left is above all the rhyme of a Mandarin syllable, and the vowels of an English
word. Mandarin is written as (initial, final) without tone; English in ARPAbet without stress.
"""

from __future__ import annotations

from collections.abc import Mapping

Sound = tuple[str, ...]


def _table(text: str) -> dict[str, Sound]:
    entries = (entry.split() for entry in text.split(";"))
    return {word: tuple(sound) for word, *sound in entries}


ZH: Mapping[str, Sound] = _table(
    "零 l ing;一 - i;二 - er;三 s an;四 s ih;五 - u;六 l iu;七 q i;八 b a;九 j iu;十 sh ih;两 l iang;"
    "百 b ai;千 q ian;万 - uan;亿 - i;幺 - iao;负 f u;整 zh eng;元 - van;角 j iao;分 f en;"
    "年 n ian;月 - ve;日 r ih;点 d ian;美 m ei;欧 - ou;英 - ing;镑 b ang;便 b ian;士 sh ih;天 t ian;"
    "小 x iao;时 sh ih;钟 zh ong;秒 m iao;凌 l ing;晨 ch en;上 sh ang;下 x ia;午 - u;中 zh ong;晚 - uan"
)
"""Character → initial (`-` for none) and final; si and shi share the final `ih`."""

EN: Mapping[str, Sound] = _table(
    "zero z ih r ow;one w ah n;two t uw;three th r iy;four f ao r;five f ay v;six s ih k s;"
    "seven s eh v ah n;eight ey t;nine n ay n;ten t eh n;eleven ih l eh v ah n;twelve t w eh l v;"
    "thirteen th er t iy n;fourteen f ao r t iy n;fifteen f ih f t iy n;sixteen s ih k s t iy n;"
    "seventeen s eh v ah n t iy n;eighteen ey t iy n;nineteen n ay n t iy n;twenty t w eh n t iy;"
    "thirty th er t iy;forty f ao r t iy;fifty f ih f t iy;sixty s ih k s t iy;"
    "seventy s eh v ah n t iy;eighty ey t iy;ninety n ay n t iy;hundred hh ah n d r ah d;"
    "thousand th aw z ah n d;million m ih l y ah n;billion b ih l y ah n;first f er s t;"
    "second s eh k ah n d;third th er d;fourth f ao r th;fifth f ih f th;sixth s ih k s th;"
    "seventh s eh v ah n th;eighth ey t th;ninth n ay n th;tenth t eh n th;"
    "eleventh ih l eh v ah n th;twelfth t w eh l f th;thirteenth th er t iy n th;"
    "fourteenth f ao r t iy n th;fifteenth f ih f t iy n th;sixteenth s ih k s t iy n th;"
    "seventeenth s eh v ah n t iy n th;eighteenth ey t iy n th;nineteenth n ay n t iy n th;"
    "twentieth t w eh n t iy ax th;thirtieth th er t iy ax th;yuan y uw aa n;fen f eh n;"
    "dollar d aa l er;dollars d aa l er z;cent s eh n t;cents s eh n t s;euro y uh r ow;"
    "euros y uh r ow z;pound p aw n d;pounds p aw n d z;penny p eh n iy;pence p eh n s;"
    "minus m ay n ah s;and ah n d;oh ow;AM ey eh m;PM p iy eh m;noon n uw n;"
    "midnight m ih d n ay t;January jh ae n y uw eh r iy;February f eh b y uw eh r iy;"
    "March m aa r ch;April ey p r ah l;May m ey;June jh uw n;July jh uh l ay;August ao g ah s t;"
    "September s eh p t eh m b er;October aa k t ow b er;November n ow v eh m b er;"
    "December d ih s eh m b er;A ey;B b iy;C s iy;D d iy;E iy;F eh f;G jh iy;H ey ch;I ay;J jh ey;"
    "K k ey;L eh l;M eh m;N eh n;O ow;P p iy;Q k y uw;R aa r;S eh s;T t iy;U y uw;V v iy;"
    "W d ah b ah l y uw;X eh k s;Y w ay;Z z iy;day d ey;days d ey z;hour aw er;hours aw er z;"
    "minute m ih n ah t;minutes m ih n ah t s;seconds s eh k ah n d z"
)
"""Word → phonemes; `ax`, which is hardly heard, is no vowel here."""

_VOWELS = frozenset(
    ["aa", "ae", "ah", "ao", "aw", "ay", "eh", "er", "ey", "ih", "iy", "ow", "uh", "uw"]
)
_FINALS = ({"an", "ang"}, {"en", "eng"}, {"in", "ing"}, {"ian", "iang"}, {"uan", "uang"})


def near_zh(one: Sound, other: Sound) -> bool:
    """Whether two syllables rhyme, or differ by n and ng at their end only."""
    same_initial = one[0] == other[0]
    return one[1] == other[1] or (same_initial and {one[1], other[1]} in _FINALS)


def near_en(one: Sound, other: Sound) -> bool:
    """Whether two words have the same vowels, and at most two consonants replaced or one left out."""
    if len(one) == len(other):
        differing = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
        return len(differing) <= 2 and not any(_VOWELS & {*pair} for pair in differing)
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and _consonant_left_out(short, long)


def _consonant_left_out(short: Sound, long: Sound) -> bool:
    places = [place for place, phoneme in enumerate(long) if phoneme not in _VOWELS]
    return any((*long[:place], *long[place + 1 :]) == short for place in places)
