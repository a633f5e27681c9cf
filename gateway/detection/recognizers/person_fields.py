"""Names where the text says that a name follows: in the field of a form or of a record, after "my name is", below a greeting.

Such names need no context to be told, and are often short, rare or in small letters, where the taggers are unsure.
"""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.fields import ENDS, IS, in_element
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG
from gateway.detection.taggers.han.titled import SURNAMES

_L = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_CAPITAL = r"A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f\u1e00-\u1eff"
_PART = rf"[{_CAPITAL}][{_L}'’.-]{{0,24}}"
_SMALL = "(?:(?:van|von|de|da|di|del|der|den|la|le|bin|al|el|dos|do) ){0,2}"
_NAME = rf"{_PART}(?:(?:, |[ /]){_SMALL}{_PART}){{0,4}}"
_FIELD_WORDS = (
    r"(?:first|last|full|given|family|middle|maiden|sur|fore|user_?full|customer|patient|employee|contact|"
    r"holder|card_?holder|account_?holder|beneficiary|recipient|passenger|guest|student|applicant|tenant|payee|borrower|"
    r"buyer|seller|insured|driver|owner|client|candidate|member|resident|emergency_?contact)(?:'s)?[ _-]?names?|"
    r"fname|lname|surname|next[ _]of[ _]kin|cardholder"
)
_FIELD = rf"(?ai:(?<![a-z])(?:{_FIELD_WORDS})(?![a-z]))"
_IN_A_FIELD = rf"{_FIELD}{IS}(?P<start>){_NAME}{ENDS}"
_ON_A_TICKET = r"(?ai:passenger|乘[机车]人)(?:[:：]?[ ]?)(?P<start>)[A-Z'-]{2,24}/[A-Z]{2,24}"
_FLYING = "[A-Z]{2,24}(?: [A-Z]{2,24})?(?=[ ]?(?:MR|MRS|MS|MISS|MSTR|CHD|INF)(?![A-Za-z]))"
_IN_A_LIST = rf"(?<![A-Za-z/])[A-Z][A-Z'-]{{1,24}}/{_FLYING}"
"""A passenger, as airlines write one: the family name, a slash, the given names and a title."""
_IN_SQL = (
    rf"{_FIELD}[\"`\]]?[ ]{{0,2}}(?:<?=|(?ai:(?:not )?i?like))[ ]{{0,2}}'%?(?P<start>)(?!%)[{_L}][{_L}'’ .-]{{1,40}}(?=%?')"
)
_TAG = "(?:first|last|full|given|family|sur|middle)[_-]?name|surname|fn|ln|fname|lname"
_IN_XML = in_element(_TAG, rf"(?P<start>){_NAME}")
_NOT_NAMED = (
    "(?!(?ai:are|were|not|on|in|the|a|an|still|spelled|wrong|too|so|also|now|never|being|already|missing|listed|there)"
    "(?![a-z]))"
)
_SAID = (
    r"(?ai:(?<![a-z])my (?:full )?name(?:'?s|’s| is)) "
    rf"(?P<start>){_NOT_NAMED}[{_L}'’-]{{2,24}}(?: [{_CAPITAL}][{_L}'’-]{{1,24}}){{0,3}}"
)
_GREETINGS = (
    r"(?:(?:kind(?:est)?|best|warm(?:est)?|with best|with kind) )?regards|best wishes|best|cheers|thank you|"
    r"(?:many )?thanks(?: again| in advance)?|(?:yours )?(?:sincerely|faithfully|truly)|sincerely yours|respectfully|warmly|"
    r"love|take care|all the best"
)
_GREETING = rf"(?ai:{_GREETINGS})"
_BELOW = (
    rf"(?:(?<=\n)|(?<![\s\S])|(?<=[.!?] )){_GREETING},[ \t]{{0,4}}\r?\n{{1,2}}[ \t]{{0,4}}"
    rf"(?P<start>)(?:{_PART}(?: {_PART}){{0,3}}|[{_L}'’-]{{2,24}})(?=[ \t]{{0,4}}(?:\r?\n|\Z|\.\n))"
)
_GATE = (
    r"(?i)names?[\"`\]]?[ ]{0,2}(?:<?=|(?:not )?i?like)[ ]{0,2}'|names?[\"'* \t]{0,10}[:=|>]|"
    r"surname|[fl]name|<[fl]n>|passenger|next.of.kin|cardholder|my (?:full )?name|乘[机车]人|"
    r"(?:regards|best|wishes|cheers|thanks|again|in advance|thank you|sincerely|faithfully|truly|yours|respectfully|warmly|"
    r"love|take care),[ \t]{0,4}\r?\n"
)
_STARTS = Places(rf"(?i)(?:{_FIELD_WORDS})|passenger|乘[机车]人|<|my (?:full )?name|(?:{_GREETINGS}),")
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_FULL_NAME_HAN = (
    "(?:客户|患者|学生|员工|真实|持卡人|联系人|申请人|会员|用户|乘客|旅客|收货人|户主|考生|新生儿|父亲|母亲|"
    "配偶|住客|监护人)?姓 {0,2}名"
)
_FIELD_HAN = (
    rf"(?:{_FULL_NAME_HAN}|联系人|联络人|收件人|"
    r"收货人|寄件人|发件人|乘机人|乘车人|入住人|持卡人|开户人|收款人|付款人|法定代表人|法人代表|法人|机主|车主|户主|房主|业主|房东|租客|"
    r"申请人|投保人|被保险人|受益人|监护人|委托人|受托人|经办人|借款人|出借人|担保人|主治医师|主治医生|证明人|报案人|投诉人|举报人|"
    r"记录人|驾驶人|开票人|复核人|缴款人|领款人|填表人|审批人|诉求人|报修人|权利人|抵押人|经营者|报告医[师生]|审核医[师生])"
)
_NAME_HAN = rf"(?:[{_HAN}]{{2,4}}|[{_HAN}](?: [{_HAN}]){{1,2}}|[{_HAN}]{{1,12}}(?:[·•][{_HAN}]{{1,12}}){{1,3}}|{_NAME})"
_IN_A_FIELD_HAN = (
    rf"{_FIELD_HAN}(?:[\"'*]{{0,2}} ?[:：] ?[\"'*]{{0,2}}|(?=[{_HAN}] [{_HAN}])| (?=[{_HAN}] [{_HAN}]))"
    rf"(?P<start>){_NAME_HAN}(?=[\s\"',;|<，。；、（(*]|\Z)"
)
_SURNAME_SAID = rf"(?:免贵|本人|[我他她您])姓(?P<start>)[{_HAN}](?=[，。、！？,!?\s]|\Z)"
_CALLED = (
    rf"(?:大名(?!县)|[小乳本真]名)(?:叫|是|[:：])?(?P<start>)(?!好像|似乎|可能|应该)[{_HAN}]{{2,4}}"
    r"(?=[，。、！？,!?；;\s]|\Z)"
)
_WHO, _WHOSE = "[我他她其爸妈]", "(?:本人|人家|父亲|母亲|儿子|女儿|孩子|丈夫|妻子|客户|患者|病人)"
_NAMED = (
    rf"(?:(?:(?<={_WHO}的)|(?<={_WHO})|(?<={_WHOSE}的)|(?<={_WHOSE}))(?:名字|全名)|{_FULL_NAME_HAN})(?:是|为|叫做?)"
    rf"(?P<start>)(?!何[意义物人解时]|高[管层级校中]|任何|马上|白领|黄牛)[{''.join(sorted(SURNAMES))}何高谢于任覃向]"
    rf"[{_HAN}]{{1,2}}(?<![的了吗呢么])"
    r"(?=[，。、！？,!?；;\s]|\Z)"
)
"""A given name may be an ordinary word (`刚刚`), so there has to be a surname; `你的名字是小智` is said to a model."""
_GATE_HAN = (
    r"姓 {0,2}名|[名全][字名][是为叫]|[人主东师生客表者](?:[\"'*]{0,2} ?[:：]| ?\p{Han} \p{Han})|"
    "[免贵本人我他她您]姓|[大小乳本真]名"
)
_STARTS_HAN = Places(rf"{_FIELD_HAN}|[名姓全][字名][是为叫]|免贵姓|本人姓|[我他她您]姓|[大小乳本真]名")
_NOBODY = re.compile(
    r"(?i)(?:unknown|none|null|nil|n/a|na|true|false|str|string|text|varchar|char|required|optional|name|first|last|full|"
    r"customer|patient|user|person|anonymous|redacted|please|field|column|value|label|input|test|here|see|enter|your|"
    r"the|again|everyone|all|we|us|me|i|you|it)\b.*"
    r"|.*\b(?:team|support|service|services|department|dept|office|staff|ltd|inc|llc|gmbh|company|bank|group)\.?"
    r"|[无略不未暂待必请填同保匿此该若如].*|[爸妈爹娘爷奶]{2}|父亲|母亲|配偶|妻子|丈夫|本人|"
    r".*(?:公司|集团|中心|医院|学校|大学|银行|超市|酒店|部门|委员会|先生|女士|小姐|信息|方式|电话|地址|"
    r"姓名|号码|证件|身份|名称|签字|签名|盖章|是否|选填|必填)|[\u3400-\u9fff]{2,6}部"
)
"""What stands where a name would, and who is not a person."""


def person_field_recognizers() -> tuple[EntityRecognizer, ...]:
    """In Latin letters and in Chinese."""
    latin = [(form, STRONG) for form in (_IN_A_FIELD, _IN_SQL, _ON_A_TICKET, _IN_XML, _SAID, _BELOW)]
    han = [(form, STRONG) for form in (_IN_A_FIELD_HAN, _SURNAME_SAID, _CALLED, _NAMED)]
    return (
        CheckedPatternRecognizer("PERSON", latin, name="NamedPerson", gate=[_GATE], check=_is_somebody, starts=_STARTS),
        CheckedPatternRecognizer(
            "PERSON", [(_IN_A_LIST, STRONG)], name="Passenger", gate=[r"[A-Z'-]/[A-Z]{2,24}[A-Z ]{0,26}(?:MR|MS|MISS|CHD|INF)"]
        ),
        CheckedPatternRecognizer(
            "PERSON", han, name="NamedPersonHan", gate=[_GATE_HAN], check=_is_somebody, starts=_STARTS_HAN
        ),
    )


def _is_somebody(value: str) -> bool | None:
    return False if _NOBODY.fullmatch(value) else None
