"""Numbers that a company, a school, an insurer or a court gives to a person; each behind a word that says so.

They are identifiers in the sense of GDPR Art. 4(1) ("an identification number") and of HIPAA's letters J and R. Numbers of
things (orders, invoices, tickets) are not meant; those of a journey or of what somebody reported lead to whoever it was.
"""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer

_SCORE = 0.45
"""Below what a number has by a form of its own, or by a word that is more exact."""
_WHO = (
    *(
        "employee",
        "staff",
        "personnel",
        "payroll",
        "badge",
        "volunteer",
        "student",
        "pupil",
        r"matric(?:ulation)?",
        "enrolment",
    ),
    r"emp\.?",
    *("enrollment", "customer", "client", "patron", "member", "membership", "loyalty", "rewards", "frequent flyer", "donor"),
    *("frequent flier", "library card", "user", "account", "profile", "claim", "claimant", "case", "docket", "applicant"),
    *("resident", "inmate", "booking", "reservation", "police report", "crime reference", "incident"),
)
_NUMBER = r"[ _-]?(?:ids?|numbers?|num|nos?\.?|nr\.?|#)"
_APPLICATION = r"application[ _-](?:numbers?|nos?\.?)"
"""Its id is a program's."""
_BOOKING = (
    r"(?:booking|reservation)[ _-](?:ref(?:erence|\.)?|code|locator)|record[ _-]locator|pnr(?:[ _-](?:code|number|no\.?))?|"
    "(?:[订訂][座位房]|[预預][订訂定]|[确確][认認])(?:记录|記錄)?(?:[编編][码碼号號]|代[号號码碼]|[号號]?[码碼]|[号號])"
)
"""Whoever knows one and a surname sees the whole journey, and may change it."""
_LABEL_HAN = (
    *("工号", "员工号", "员工编号", "职工号", "学号", "学籍号", "考生号", "准考证号", "会员号", "会员卡号", "会员编号"),
    *("客户号", "客户编号", "客户代码", "用户号", "用户编号", "用户id", "账户id", "账号id", "报案号", "理赔号", "赔案号"),
    *("案号", "案號"),
    *("工號", "員工號", "員工編號", "職工號", "學號", "學籍號", "考生號", "准考證號", "會員號", "會員卡號", "會員編號"),
    *("客戶號", "客戶編號", "用戶號", "用戶編號", "報案號", "理賠號", "檔案號", "案件編號"),
    *("档案号", "案件编号", "报名号", "报名序号", "准考号", "个人编号", "个人账号", "個人編號"),
)
_NEXT_LINE = r"[ \t]{0,2}\r?\n[ \t]{0,8}"
_IS = (
    rf"[\"'`*)）]{{0,3}}[ \t]{{0,2}}(?:[:：=＝#](?:[ \t]{{0,2}}|\*{{0,2}}[ \t]{{0,2}}|{_NEXT_LINE})|\|[ \t]{{0,2}}|"
    r"(?i:is|was)[ \t]|[是为為][ \t]?)?"
    r"[\"'`*(（\[#]{0,2}[ ]?"
)
_LOCATOR = "(?=[A-Z]{0,5}[0-9])[A-Z0-9]{5,6}"
_CODE = r"(?=(?:[A-Za-z-]{0,8}[0-9]){3})[A-Za-z0-9]{1,20}(?:[-/_.][A-Za-z0-9]{1,12}){0,4}"
_GROUPS = r"[0-9]{2,6}(?:[ ][0-9]{2,6}){1,4}"
_DOCKET = r"[0-9]:[0-9]{2}-[a-z]{2}-[0-9]{3,6}"
_DOCKET_HAN = "(?:19|20)[0-9]{2}[)）]?-?[\u4e00-\u9fff]{1,2}[0-9]{0,4}[\u4e00-\u9fff]{0,4}-?[0-9]{1,6}号?"
_END = r"(?![A-Za-z0-9])(?![-/_.:][A-Za-z0-9])"


def person_id_recognizers() -> tuple[EntityRecognizer, ...]:
    """The match begins with the label, and what is found is the number behind it."""
    words = "|".join((*_WHO, "application", *_LABEL_HAN))
    label = f"(?i:{'|'.join(_WHO)})(?i:{_NUMBER})|(?i:{_APPLICATION}|{'|'.join(_LABEL_HAN)})"
    value = rf"(?P<start>)(?:{_DOCKET}|{_DOCKET_HAN}|{_GROUPS}|{_CODE}){_END}"
    return (
        CheckedPatternRecognizer(
            "PERSON_ID",
            [(rf"(?<![A-Za-z])(?<!(?i:test|.use)[ _-])(?:{label}){_IS}{value}", _SCORE)],
            name="PersonId",
            gate=[f"(?i){words}", label, "[0-9](?:[A-Za-z -]{0,8}[0-9]){2}"],
            starts=Places(label),
        ),
        CheckedPatternRecognizer(
            "PERSON_ID",
            [(rf"(?<![A-Za-z])(?i:{_BOOKING}){_IS}(?P<start>)(?:{_LOCATOR}|{_CODE}){_END}", _SCORE)],
            name="BookingReference",
            gate=[f"(?i){_BOOKING}", "[A-Z][0-9]|[0-9][A-Z]|[0-9](?:[A-Za-z-]{0,8}[0-9]){2}"],
            starts=Places(f"(?i){_BOOKING}"),
        ),
    )
