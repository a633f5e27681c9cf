"""What stands around a name when somebody is meant, who may be called like a medicine, or a firm called like a program."""

from __future__ import annotations

import re

from gateway.detection.taggers.latin.introduced import FIRMS_SAY, PEOPLE_DO, SPOKEN
from gateway.detection.taggers.sieve import Tag

_WORKS = (
    "(?:works?|worked|working|employed|hired|interned|internship|interview(?:ed|ing)?|jobs?|role|position|career|engineer|"
    "developer|manager|director|analyst|scientist|designer|intern|employees?|staff|colleagues?|meeting|office|started|salary) "
    "(?:at|by) |(?:works?|worked|working) for |offer from |(?:joined|joining|join) "
)
_LIVES = (
    "(?:born|lives?|lived|living|resid(?:es?|ing)|based|located|raised|grew up|moved|relocated|flat|house|home) (?:in|to|near) "
)
_TRADE = "(?:[A-Z][a-z]+ ){0,3}(?:Engineer|Developer|Manager|Director|Analyst|Scientist|Designer|Intern|Consultant)"
_BEFORE_SOMEBODY = re.compile(
    r"(?<![A-Za-z])(?i:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|lady|lord|rev|sgt|capt|captain|officer|judge|coach|chef|nurse|"
    r"uncle|aunt|auntie|herr|frau|señora?|sra?|mme|madame|monsieur|dear|hi|hello|hey|thanks|thank you|sorry|regards|wishes|"
    r"sincerely|cheers|love|best|i['’]m|i am|name is)(?:\.?,? |,\s{1,4})\Z|"
    r"(?i:names?|patient|client|customer|employee|contact|author|from|to|b?cc|by|signed|attn|attendees?|participants?|assignee|"
    r"owner|reviewer|sender|recipient|candidate|applicant|student|tenant|resident|insured|user|employer|company|organi[sz]ation|"
    r"workplace|city|town|county|address)"
    r"[\"'*_`]{0,3}[ \t]?[:=|][ \t]{0,3}[\"'*_`]{0,3}\Z|"
    r"(?i:wife|husband|son|daughter|sister|brother|friend|colleague|boss|manager|neighbou?r|teacher|partner), \Z|@\Z|"
    rf"(?<![A-Za-z])(?i:{_WORKS}|{_LIVES})\Z| with [A-Z][\w-]+ at \Z|[A-Za-z0-9]_\Z|"
    "(?:姓名|联系人|聯絡人|患者|病人|客户|员工|作者|发件人|收件人|公司|单位|雇主)[:：] ?\\Z|"
    "(?:亲爱的|名叫|叫做|我叫|我是|加入了?|入职|就职于|任职于|供职于) ?\\Z"
)
_BEHIND_SOMEBODY = re.compile(
    r"['’]s (?:wife|husband|mother|father|sons?|daughters?|children|birthday|phone|mobile|e-?mail|address|passport|salary|boss|"
    r"account|appointment|house|flat|car|job)\b| and I\b|, who (?:is|was|has|had|lives|works)\b|, [1-9][0-9],|"
    rf" (?:{FIRMS_SAY}|{PEOPLE_DO}|says|wrote|writes|lives|lived|hired)\b| here[.,!]|"
    rf"(?:,| [–—|-]) {_TRADE}(?![a-z])|"
    rf"{SPOKEN}|_[A-Za-z0-9]|\.[A-Z]|"
    r"(?<=[A-Za-z])[0-9]{1,4}(?![0-9.]| ?(?:[mµu]?[gGlL]|mcg|IU|units|[毫片粒个天次])(?![a-z]))|"
    " ?(?:先生|女士|小姐|太太|教授|博士|老师|老師|同学|同學|同志|医生|医师|经理|總監|总监|主任|律师|法官|[说說](?!明|法)|"
    "告诉|回复|的(?:电话|手机|邮箱|地址|生日|妻子|丈夫|儿子|女儿|员工|同事)|(?:工作|上班|任职|就职|实习)(?!原理|机制|流程|方式))"
)


def is_announced(text: str, tag: Tag) -> bool:
    """Whether a title, a greeting, the label of a field or who somebody is to others stands before it, or who works there."""
    return _BEFORE_SOMEBODY.search(text, max(0, tag.start - 24), tag.start) is not None


def acts(text: str, tag: Tag) -> bool:
    """Whether what stands behind it is said of people and firms: what they own, say or are; or the rest of a user's name."""
    return _BEHIND_SOMEBODY.match(text, tag.end) is not None
