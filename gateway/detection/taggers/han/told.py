"""People of whom the text says that a name follows: `车主温泉，手机…`, `绰号“黑皮”`, `妹妹念念`, `她姓Petrova`.

Such names are often ordinary words or pet names, which no network takes for names; what stands before and behind them tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import re2

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag, is_uncommon

_ASIDE = (
    "的在与和是了到去及从同向将也只再都就被把为对以可而称说记由自给让但则又还很不没有这那其之所等至经据并或看"
    "请需已未无若如按姓打"
)
_NOT_NAMED = "|".join(
    """
    某 什么 姓名 名称 名字 信息 资料 电话 手机 号码 地址 住址 证件 证明 签名 签字 签收 盖章 变更 更换 确认 核实 联系 同意 承诺
    保证 声明 知悉 他人 其他 其它 方式 处理 负责 时间 日期 情况 身份 年龄 性别 职务 账号 密码 备注 状态 类型 先生 女士
    小姐 师傅 大哥 大姐 朋友 老师 同学 同志 家属 家长 父母 父亲 母亲 爸爸 妈妈 爷爷 奶奶 男性 女性 一名 两名 多名 术后
    术前 入院 出院 主诉 既往 目前 现在 今天 昨天 明天 当时 因为 必须 应当 公司 单位 部门 医院 学校 银行 法院 警方 中心
    年迈 女儿 儿子 妻子 丈夫 孩子 夫妇 双方 各方 甲方 乙方 员工 客户 用户 企业 代表 团队 号牌 车牌 预留 登记 注册 填写
    提供 绑定 接听 拨打 报警 通过 使用 添加 固定 办公 移动 家庭 工作 座机 有效 本人 常用 备用 紧急 原件 复印 二代 临时 常住
    现居 微信 回复 留下 来电 致电 大约 毕业
    """.split()
)
"""What stands where a name would: `联系人电话`, `患者术后`."""
_AGED = "(?:[今现时]年|年[仅约])"
_NAME = rf"(?!{_NOT_NAMED})(?:(?![{_ASIDE}]|{_AGED})[\u3400-\u9fff]){{2,4}}(?<!先生)(?<!女士)(?<!小姐)(?<!师傅)"
_ROLE = (
    "联系人|联络人|聯絡人|收件人|收货人|收貨人|寄件人|发件人|签收人|车主|业主|户主|房主|房东|租客|租户|负责人|经办人|"
    "经手人|当事人|报案人|举报人|投诉人|受害人|被害人|嫌疑人|被告人?|原告人?|上诉人|申请人|证明人|担保人|借款人|出借人|"
    "投保人|被保险人|受益人|委托人|受托人|监护人|法定代表人|法人|户名|收款人|付款人|持卡人|司机|驾驶员|乘客|旅客|伤者|"
    "死者|患者|病患|产妇|派件员|派送员|快递员|骑手|外卖员|配送员|收银员|操作员|护士|主治医[生师]|主管医[生师]|"
    "接诊医[生师]|值班医[生师]|出租人|承租人|买受人|出卖人|本人"
)
_OF_SOMEBODY = (
    "(?:男|女|(?:手[机機]|[电電][话話]|微信|工号|学号)[号號]?[码碼]?(?:[:：是为為 ]|[0-9A-Za-z+])|身份证|身份證|护照|"
    "现住|住址|籍贯|户籍|出生|生于|(?:19|20)[0-9]{2}年|[1-9][0-9]岁|1[3-9][0-9]{3})"
)
"""What is said right behind a name of no thing."""
_AS = rf"(?:{_ROLE})(?:本人)?(?:为|系|叫|名叫)?[ :：]?"
_BEFORE_DATA = rf"[ ]?[，,、；;(（/]?[ ]?{_AGED}?{_OF_SOMEBODY}"
_OTHER_NAME = "绰号|外号|诨名|诨号|艺名|笔名|曾用名|化名|乳名|小名|本名|綽號|外號|藝名|筆名"
_CALLED = "(?:叫做?|[是为為:：])"
_QUOTED = rf"(?:{_OTHER_NAME}){_CALLED}?[ ]?[“\"「『‘]"
_LATIN = "[A-Z][a-z]{2,24}(?: [A-Z][A-Za-z'’-]{1,24}){0,2}"
_SAID = "[他她我]姓|[他她我]叫|名叫|[你我他她]的?英文名字?[是为]|英文名字?(?:叫|[:：])?"
_KIN = (
    "儿子|女儿|闺女|孩子|宝宝|宝贝|孙子|孙女|外孙|外甥女?|侄子|侄女|妹妹|弟弟|姐姐|哥哥|[表堂][姐妹哥弟]|老公|老婆|媳妇|"
    "[男女]友|[男女]朋友|闺蜜|室友|舍友|同桌|同学|同事|好友|发小|邻居|徒弟"
)
_PETS = "苗婷娜莉佳薇菲琳琪瑶雯晨轩萱涵妮妞倩茜莎珊璐昊嘉蓉蕾媛娟玲丹斌鹏彤睿梓妍颖淇楠"
_TENDER_PETS = (
    "豆果浩莹皓磊悠念丽欣雪霏辰阳洋涛宇菡妙晶芳芬芸珍璇瑞铭贝朵糖萌敏燕兰梅军杰凯亮宁壮虎龙童希曦冉月星航诺依可乐安心恬甜圆团毛蛋蕊梦"
    "蝶云露珠荷莲桐桃杏柚橙米麦妹牛奇琦祺熙"
)
"""Doubled they are an ordinary word, too."""
_PET = "|".join(2 * one for one in _PETS)
_TENDER = "|".join(2 * one for one in _PETS + _TENDER_PETS)
_NICK = r"(?!所有人|全体|大家|群主|管理员)(?=[A-Za-z0-9_-]{0,19}[\u3400-\u9fff])[\u3400-\u9fffA-Za-z0-9_-]{2,20}"
_SPOKEN_TO = rf"(?<![A-Za-z0-9._%+@/-])@(?P<name>{_NICK})(?=[ \u2005][\u3400-\u9fff@])"
"""As programs for chats write it, with a space behind."""
_TO_ANSWER = "(?:回[复覆復]|转自|轉自)[ ]?@"
_ANSWERED = rf"{_TO_ANSWER}(?P<name>{_NICK})(?=[ ]?[:：])"
"""As microblogs and forums say it: `回复@晚风不晚:是的`."""
_TO_WHOM = "(?:拜托|麻烦|[请让叫喊找跟陪给])"
_KEYS = (
    "(?i:(?:real|nick|full|true|customer|client|patient|student|teacher|parent|owner|driver|passenger|sender|receiver|recipient|"
    "consignee|contact|payee|payer|holder|applicant|employee|staff|member|author|doctor|guest|buyer)[_-]?name|consignee|receiver|"
    "recipient|applicant|payee|contact[_-]?person)"
)
_KEY = _KEYS + "[\"'][ ]{0,2}[:：=][ ]{0,2}[\"']"
"""In JSON and its kin, in English."""
_SET = f"{_KEYS}="
"""In the lines of a log."""
_FORMS = (
    (r"@\S+[ \x{2005}][\p{Han}@]", r"@[\p{Han}A-Za-z0-9_-]{2,20}[ \x{2005}]", _SPOKEN_TO),
    (_TO_ANSWER, rf"{_TO_ANSWER}[\p{{Han}}A-Za-z0-9_-]{{2,20}}[ ]?[:：]", _ANSWERED),
    (_ROLE, rf"{_AS}\p{{Han}}{{2,4}}{_BEFORE_DATA}", rf"{_AS}(?P<name>{_NAME})(?={_BEFORE_DATA})"),
    (_OTHER_NAME, _QUOTED, rf"{_QUOTED}(?P<name>[^\s“”\"「」『』‘’，。！？：]{{1,12}})[”\"」』’]"),
    (
        _OTHER_NAME,
        rf"(?:{_OTHER_NAME}){_CALLED}",
        rf"(?:{_OTHER_NAME}){_CALLED}(?P<name>{_NAME})(?=[，。、！？,!?；;）)\s]|\Z)",
    ),
    (rf"(?:{_SAID}) ?[A-Z]", rf"(?:{_SAID}) ?{_LATIN}", rf"(?:{_SAID}) ?(?P<name>{_LATIN})(?![A-Za-z0-9_./@])"),
    (
        rf"(?:{_KIN})(?:名?叫|是)?(?:{_TENDER})",
        rf"(?:{_KIN})(?:名?叫|是)?(?:{_TENDER})",
        rf"(?:{_KIN})(?:名?叫|是)?(?P<name>{_TENDER})(?![地多亮])",
    ),
    (rf"{_TO_WHOM}(?:{_TENDER})", rf"{_TO_WHOM}(?:{_TENDER})", rf"{_TO_WHOM}(?P<name>{_TENDER})(?=[把去来帮说也，、0-9])"),
    (
        _KEY + r"\p{Han}",
        _KEY + r"\p{Han}",
        rf"{_KEY}(?P<name>(?:[\u3400-\u9fff]|[·•](?=[\u3400-\u9fff])){{2,16}})(?=[\"'])",
    ),
    (
        _SET + r"\p{Han}",
        _SET + r"\p{Han}",
        rf"{_SET}(?P<name>(?:[\u3400-\u9fff]|[·•](?=[\u3400-\u9fff])){{2,16}})(?=[\s,;&|\]}})]|\Z)",
    ),
    (_PET, _PET, rf"(?P<name>{_PET})(?![地亮荡])"),
)
"""For each way to tell: what a text must have at all, which is quick to see; where RE2 sees that it may be there; how it is."""
_SCORE = 0.9


def _rule(gate: str, seen: str, told: str) -> NameRule:
    where, how = re2.compile(seen), re.compile(told)

    def find(text: str) -> Iterator[Tag]:
        for place in where.finditer(text):
            found = how.match(text, place.start())
            if found is not None and is_uncommon(found["name"].lower()):
                yield Tag(*found.span("name"), "PERSON", _SCORE)

    return NameRule((gate,), find)


TOLD = tuple(_rule(*form) for form in _FORMS)
