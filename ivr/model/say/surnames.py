"""How a person's name is masked: enough to know somebody by, too little to find somebody by.

A Chinese name is known by its surname, another one by its initials.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_COMMON = (
    "王wang 李li 张zhang 刘liu 陈chen 杨yang 黄huang 赵zhao 吴wu 周zhou 徐xu 孙sun 马ma 朱zhu 胡hu 郭guo "
    "何he 林lin 高gao 罗luo 郑zheng 梁liang 谢xie 宋song 唐tang 许xu 韩han 冯feng 邓deng 曹cao 彭peng "
    "曾zeng 肖xiao 田tian 董dong 袁yuan 潘pan 于yu 蒋jiang 蔡cai 余yu 杜du 叶ye 程cheng 苏su 魏wei 吕lv "
    "丁ding 任ren 沈shen 姚yao 卢lu 姜jiang 崔cui 钟zhong 谭tan 陆lu 汪wang 范fan 金jin 石shi 廖liao "
    "贾jia 夏xia 韦wei 付fu 方fang 白bai 邹zou 孟meng 熊xiong 秦qin 邱qiu 江jiang 尹yin 薛xue 闫yan "
    "段duan 雷lei 侯hou 龙long 史shi 陶tao 黎li 贺he 顾gu 毛mao 郝hao 龚gong 邵shao 万wan 钱qian 严yan "
    "武wu 戴dai 莫mo 孔kong 向xiang 汤tang 洪hong 欧阳ouyang 司马sima 诸葛zhuge 上官shangguan"
)


def _split(entry: str) -> tuple[str, str]:
    surname = "".join(char for char in entry if not char.isascii())
    return surname, entry.removeprefix(surname)


SURNAMES: Mapping[str, str] = dict(map(_split, _COMMON.split()))
"""The surnames that most people have, and four of two characters: surname → pinyin."""

LONGEST = 4
"""A Chinese name of more characters is not a person's."""


def surname(name: str) -> str:
    """Return the surname of a Chinese name; empty for another one, and for a rare surname."""
    name = "".join(name.split())
    if not 2 <= len(name) <= LONGEST or any(char.isascii() for char in name):
        return ""
    return next((name[:size] for size in (2, 1) if name[:size] in SURNAMES), "")


def initials(name: str) -> str:
    """Return the initials of a name in Latin letters, `jc`; empty for another one."""
    plain = unicodedata.normalize("NFKD", name)
    words = [
        "".join(filter(str.isalpha, word)).casefold() for word in plain.replace("-", " ").split()
    ]
    letters = "".join(words)
    if not letters.isascii():
        return ""
    return "".join(word[0] for word in words if word)[:LONGEST]
