"""How often the classifier of the voice of the customer is right: about what it has learnt, said in other
ways, and about words that it has never seen.

A seeded bilingual sample: for each theme, what customers say of it in Chinese and English, each said in
several ways (how it begins, how it ends). For new words a third of what is said is kept from the lessons,
with all its ways.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from bench.processes import Noise
from bench.report import Column, Report, Sample, Target, tenth, whole
from ivr.adapters.voc.classifier import CharacterLearning
from ivr.ports.voc import Lesson

CONFIDENCE = 0.6
"""As in flows/taxonomy.yaml: a guess that is less sure is not believed."""
LEAST = 95.0
"""Of the guesses that are believed, so many in a hundred must be right."""
OTHERWISE, NEW = "learnt, said otherwise", "new words"
COLUMNS = (
    Column("lessons", "lessons", whole),
    Column("asked", "asked", whole),
    Column("right\n%", "right", tenth),
    Column("believed\n%", "believed", tenth),
    Column("right of the\nbelieved %", "sure", tenth),
    Column("by chance\n%", "chance", tenth),
)
SAID: Mapping[str, tuple[str, ...]] = {
    "cards.fees": (
        "信用卡年费又扣了一次", "年费没有减免", "手续费收得太高", "取现还要收手续费", "换卡收了工本费", "短信费是谁开通的",
        "the annual fee was charged twice", "nobody told me of the card fee", "a fee for cash withdrawals",
        "I pay a fee for text messages", "the fee was not refunded", "why is there a charge for a new card",
    ),
    "cards.lost": (
        "卡丢了挂失不了", "挂失以后补卡太慢", "钱包被偷了要马上停卡", "补办的卡一直没寄到", "挂失电话打不进去", "卡被机器吞了",
        "my card was stolen and I could not block it", "the lost card was not blocked", "the new card never came",
        "the machine swallowed my card", "I lost my wallet with the card", "blocking a lost card took an hour",
    ),
    "accounts.transfers": (
        "跨行转账三天没有到账", "汇款汇错了退不回来", "转账显示失败钱却扣了", "工资转账一直没到", "境外汇款查不到", "转账限额太低",
        "my transfer has not arrived", "the remittance went to a wrong account", "money left but the transfer failed",
        "a transfer abroad cannot be traced", "salary transfer is late", "the transfer limit is too low",
    ),
    "accounts.access": (
        "密码输错被锁定了", "手机银行登录不上", "重置密码要跑柜台", "验证码收不到", "账户被锁解不开", "登录密码老是提示错误",
        "my PIN is locked", "I cannot log in to the app", "the code for the login never comes",
        "resetting the password needs a branch", "the account is locked again", "the app says wrong password",
    ),
    "people.manner": (
        "客服态度恶劣", "说话很不耐烦", "话没说完就挂我电话", "柜员爱理不理", "经理对老人很粗鲁", "语气像在训人",
        "the agent was rude", "he hung up on me", "she was impatient and unfriendly",
        "the teller ignored me", "they spoke to my mother in a nasty tone", "the manager shouted at me",
    ),
    "reaching.waiting": (
        "等了半小时没人接", "一直让我等待", "电话排队排了很久", "热线永远占线", "音乐听了二十分钟", "转人工等不到人",
        "I waited for half an hour", "kept on hold with music", "nobody takes the call",
        "the line is always busy", "twenty minutes until somebody answered", "on hold again and again",
    ),
    "reaching.menus": (
        "菜单太长听不完", "找不到人工服务按哪个键", "按键选项绕来绕去", "语音导航听不懂", "按了零也没有人工", "菜单又换了找不到查询",
        "the menu is too long", "I do not know which key to press", "the choices go round in circles",
        "I could not find a person in the menu", "pressing zero does nothing", "the voice menu is confusing",
    ),
    "branches.queues": (
        "网点排队一个小时", "柜台只开一个窗口", "取号以后等到下班", "大厅里全是人没有座位", "网点人多叫号慢", "柜台排长队没人管",
        "an hour in line at the branch", "only one counter was open", "the hall was full and no seats",
        "my number was never called at the branch", "the queue went out of the door", "the counter closed before my turn",
    ),
}  # fmt: skip
"""What customers say, by theme: six things in Chinese and six in English."""
_BEGINS = (
    "",
    "你好，",
    "我要投诉，",
    "昨天",
    "上周在你们那里",
    "I want to complain: ",
    "Last week ",
    "Hello, ",
)
_ENDS = (
    "",
    "，请处理",
    "，很生气",
    "，没人管",
    " please look into it",
    ", this is not acceptable",
    "!",
)


class Size(msgspec.Struct, frozen=True):
    """How often the sample is parted anew, and in how many ways each thing is said."""

    rounds: int = 6
    ways: int = 4


QUICK = Size(rounds=1, ways=2)


def steps(size: Size) -> int:
    """Return how many steps a run has."""
    return 2 * size.rounds


def measure(size: Size, progress: Callable[[str], None]) -> Report:
    """Learn, and ask."""
    samples: list[Sample] = []
    for number in range(1, size.rounds + 1):
        for name in (OTHERWISE, NEW):
            progress(name)
            noise = Noise()
            lessons, asked = parted(random.Random(number), size.ways, new=name == NEW)
            samples.append(Sample(name, number, noise.cores(), judged(lessons, asked)))
    report = Report(f"classifier: {len(SAID)} themes in two languages", samples, [], [])
    for name in (OTHERWISE, NEW):
        sure = report.median(name, "sure")
        wanted = f"{name}: {sure:.1f} % of what is believed is right, wanted ≥ {LEAST:.0f} %"
        report.targets.append(Target("K1", wanted, sure >= LEAST))
    return report


def parted(draw: random.Random, ways: int, *, new: bool) -> tuple[list[Lesson], list[Lesson]]:
    """Return lessons, and what is asked. `new`: nothing that is asked was said in a lesson; else each thing
    was, in other ways."""
    lessons: list[Lesson] = []
    asked: list[Lesson] = []
    for theme, said in SAID.items():
        half = len(said) // 2
        for one_language in (said[:half], said[half:]):
            shuffled = draw.sample(one_language, half)
            third = half // 3 if new else 0
            asked += _varied(shuffled[:third] if new else shuffled[: half // 3], theme, draw, ways)
            lessons += _varied(shuffled[third:], theme, draw, ways)
    return lessons, asked


def judged(lessons: Sequence[Lesson], asked: Sequence[Lesson]) -> dict[str, float]:
    """Return how good a classifier of these lessons is."""
    model = CharacterLearning().learn(lessons)
    assert model is not None
    guesses = model.guess([one.text for one in asked])
    hits = [guess.theme == one.theme for guess, one in zip(guesses, asked, strict=True)]
    sure = [hit for hit, one in zip(hits, guesses, strict=True) if one.confidence >= CONFIDENCE]
    return {
        "lessons": float(len(lessons)),
        "asked": float(len(asked)),
        "right": 100 * sum(hits) / len(hits),
        "believed": 100 * len(sure) / len(hits),
        "sure": 100 * sum(sure) / max(1, len(sure)),
        "chance": 100 / len(SAID),
    }


def _varied(said: Sequence[str], theme: str, draw: random.Random, ways: int) -> Iterator[Lesson]:
    for one in said:
        for _ in range(ways):
            yield Lesson(draw.choice(_BEGINS) + one + draw.choice(_ENDS), theme)
