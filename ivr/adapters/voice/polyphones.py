"""Chinese characters with several readings, and the phrases that decide which one is meant.

Every reader of Chinese here takes these phrases first: common dictionaries read 还款 as *hái* kuǎn.
A character of RISKY may stand in a prompt only inside one of these phrases; a test says which
phrase is missing. Readings are numbered pinyin, 5 for the neutral tone, ü as v.

Nothing but the standard library may be imported here: the worker of a voice has nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

RISKY = frozenset(
    "还行重长调率差处转数应便得觉称兴降空折载藏参曾乘盛朝奇传弹倒恶干更供冠观号假尽卷看累量没难宁铺强切圈散塞色扇舍省似宿挑为系相校血约着种只中钻作都"
)

PHRASES: Mapping[str, str] = {
    # 还
    "还款": "huan2 kuan3",
    "还款日": "huan2 kuan3 ri4",
    "还款额": "huan2 kuan3 e2",
    "还清": "huan2 qing1",
    "归还": "gui1 huan2",
    "偿还": "chang2 huan2",
    "提前还贷": "ti2 qian2 huan2 dai4",
    "还贷": "huan2 dai4",
    "还有": "hai2 you3",
    "还需": "hai2 xu1",
    "还是": "hai2 shi4",
    "还没有": "hai2 mei2 you3",
    # 行
    "银行": "yin2 hang2",
    "银行卡": "yin2 hang2 ka3",
    "本行": "ben3 hang2",
    "我行": "wo3 hang2",
    "他行": "ta1 hang2",
    "跨行": "kua4 hang2",
    "分行": "fen1 hang2",
    "支行": "zhi1 hang2",
    "总行": "zong3 hang2",
    "行号": "hang2 hao4",
    "行业": "hang2 ye4",
    "进行": "jin4 xing2",
    "自行": "zi4 xing2",
    "执行": "zhi2 xing2",
    "发行": "fa1 xing2",
    "旅行": "lv3 xing2",
    "另行": "ling4 xing2",
    # 重
    "重新": "chong2 xin1",
    "重复": "chong2 fu4",
    "重听": "chong2 ting1",
    "重试": "chong2 shi4",
    "重拨": "chong2 bo1",
    "重置": "chong2 zhi4",
    "重设": "chong2 she4",
    "重要": "zhong4 yao4",
    "重大": "zhong4 da4",
    # 长
    "长度": "chang2 du4",
    "长期": "chang2 qi1",
    "延长": "yan2 chang2",
    "时长": "shi2 chang2",
    "长城": "chang2 cheng2",
    "行长": "hang2 zhang3",
    "增长": "zeng1 zhang3",
    "较长": "jiao4 chang2",
    # 调, 率, 差, 处
    "调查": "diao4 cha2",
    "调整": "tiao2 zheng3",
    "利率": "li4 lv4",
    "汇率": "hui4 lv4",
    "费率": "fei4 lv4",
    "收益率": "shou1 yi4 lv4",
    "差额": "cha1 e2",
    "出差": "chu1 chai1",
    "处理": "chu3 li3",
    "处于": "chu3 yu2",
    "好处": "hao3 chu4",
    # 转, 数, 应
    "转账": "zhuan3 zhang4",
    "转接": "zhuan3 jie1",
    "转入": "zhuan3 ru4",
    "转出": "zhuan3 chu1",
    "转到": "zhuan3 dao4",
    "转至": "zhuan3 zhi4",
    "转人工": "zhuan3 ren2 gong1",
    "转让": "zhuan3 rang4",
    "转回": "zhuan3 hui2",
    "转给": "zhuan3 gei3",
    "数字": "shu4 zi4",
    "数额": "shu4 e2",
    "数量": "shu4 liang4",
    "位数": "wei4 shu4",
    "次数": "ci4 shu4",
    "人数": "ren2 shu4",
    "应还": "ying1 huan2",
    "相应": "xiang1 ying4",
    "对应": "dui4 ying4",
    # 便, 得, 觉, 称, 兴, 降
    "方便": "fang1 bian4",
    "便士": "bian4 shi4",
    "便捷": "bian4 jie2",
    "获得": "huo4 de2",
    "觉得": "jue2 de5",
    "称呼": "cheng1 hu1",
    "名称": "ming2 cheng1",
    "降低": "jiang4 di1",
    "高兴": "gao1 xing4",
    # 空, 折, 载, 参
    "空格": "kong4 ge2",
    "空闲": "kong4 xian2",
    "没有空": "mei2 you3 kong4",
    "存折": "cun2 zhe2",
    "折扣": "zhe2 kou4",
    "参加": "can1 jia1",
    "参与": "can1 yu4",
    "参考": "can1 kao3",
    # 量, 没, 更, 供, 假, 看
    "音量": "yin1 liang4",
    "质量": "zhi4 liang4",
    "没有": "mei2 you3",
    "更改": "geng1 gai3",
    "更换": "geng1 huan4",
    "更新": "geng1 xin1",
    "更多": "geng4 duo1",
    "提供": "ti2 gong1",
    "节假日": "jie2 jia4 ri4",
    "假期": "jia4 qi1",
    "查看": "cha2 kan4",
    # 号
    "账号": "zhang4 hao4",
    "井号键": "jing3 hao4 jian4",
    "井号": "jing3 hao4",
    "星号键": "xing1 hao4 jian4",
    "星号": "xing1 hao4",
    "号码": "hao4 ma3",
    "卡号": "ka3 hao4",
    "工号": "gong1 hao4",
    "编号": "bian1 hao4",
    "证件号": "zheng4 jian4 hao4",
    # 为, 系, 相, 省
    "为您": "wei4 nin2",
    "余额为": "yu2 e2 wei2",
    "金额为": "jin1 e2 wei2",
    "时间为": "shi2 jian1 wei2",
    "号码为": "hao4 ma3 wei2",
    "日期为": "ri4 qi1 wei2",
    "因为": "yin1 wei4",
    "视为": "shi4 wei2",
    "为每": "wei2 mei3",
    "额为": "e2 wei2",
    "为了": "wei4 le5",
    "联系": "lian2 xi4",
    "系统": "xi4 tong3",
    "相关": "xiang1 guan1",
    "相同": "xiang1 tong2",
    "节省": "jie2 sheng3",
    # 约, 着, 种, 只, 中, 作, 都, 似
    "预约": "yu4 yue1",
    "大约": "da4 yue1",
    "接着": "jie1 zhe5",
    "种类": "zhong3 lei4",
    "一种": "yi4 zhong3",
    "只能": "zhi3 neng2",
    "只需": "zhi3 xu1",
    "中文": "zhong1 wen2",
    "中午": "zhong1 wu3",
    "中国": "zhong1 guo2",
    "中心": "zhong1 xin1",
    "通话中": "tong1 hua4 zhong1",
    "忙碌中": "mang2 lu4 zhong1",
    "查询中": "cha2 xun2 zhong1",
    "工作": "gong1 zuo4",
    "工作日": "gong1 zuo4 ri4",
    "操作": "cao1 zuo4",
    "都可以": "dou1 ke3 yi3",
    "都在": "dou1 zai4",
    "都有": "dou1 you3",
    "尽快": "jin3 kuai4",
    "尽量": "jin3 liang4",
    # what orders and payments say
    "差旅": "chai1 lv3",
    "还不能": "hai2 bu4 neng2",
    "还没": "hai2 mei2",
    "尾号": "wei3 hao4",
    "小数点": "xiao3 shu4 dian3",
    "可以转": "ke3 yi3 zhuan3",
    "成长": "cheng2 zhang3",
    "整数倍": "zheng3 shu4 bei4",
    "应缴": "ying1 jiao3",
    "成都": "cheng2 du1",
    "出行": "chu1 xing2",
    "天数": "tian1 shu4",
    "过长": "guo4 chang2",
    "客户号": "ke4 hu4 hao4",
    "账号中": "zhang4 hao4 zhong1",
    "手机号": "shou3 ji1 hao4",
    "订单号": "ding4 dan1 hao4",
    "银行卡号": "yin2 hang2 ka3 hao4",
    "航空": "hang2 kong1",
    "这种": "zhe4 zhong3",
    "发卡行": "fa1 ka3 hang2",
    "认为": "ren4 wei2",
    # surnames
    "曾某": "zeng1 mou3",
    "任某": "ren2 mou3",
    "肖某": "xiao1 mou3",
    "诸葛某": "zhu1 ge3 mou3",
    # 分, 会
    "部分": "bu4 fen4",
    "会计": "kuai4 ji4",
}
"""Phrase → reading, one syllable a character."""

SYLLABLE = re.compile(
    "(?:b|p|m|f|d|t|n|l|g|k|h|j|q|x|zh|ch|sh|r|z|c|s|y|w)?"
    "(?:i?ang?|i?ong?|u?ang?|u?a?i|i?ao?|[aeiouv]|uo|ou|ei|ui|iu|i?e|[uv]e|er|[eiuv]ng?|u?en|io?ng|van?|vn|u?a)"
    "[1-5]"
)
"""What a syllable of numbered pinyin looks like."""

_LONGEST = max(len(phrase) for phrase in PHRASES)


def split(text: str) -> Iterator[tuple[str, list[str]]]:
    """Cut a text into (phrase, its reading) and (anything else, []), longest phrases first."""
    start = here = 0
    while here < len(text):
        phrase = _phrase_at(text, here)
        if not phrase:
            here += 1
            continue
        if start < here:
            yield text[start:here], []
        yield phrase, PHRASES[phrase].split()
        here += len(phrase)
        start = here
    if start < len(text):
        yield text[start:], []


def _phrase_at(text: str, here: int) -> str:
    for length in range(min(_LONGEST, len(text) - here), 1, -1):
        if text[here : here + length] in PHRASES:
            return text[here : here + length]
    return ""


def undecided(text: str) -> list[str]:
    """Return the risky characters of a text that no phrase decides, with their neighbours."""
    found: list[str] = []
    place = 0
    for chunk, reading in split(text):
        if not reading:
            for offset, char in enumerate(chunk, place):
                if char in RISKY:
                    found.append(text[max(0, offset - 2) : offset + 3])
        place += len(chunk)
    return found
