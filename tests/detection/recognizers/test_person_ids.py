"""Numbers that somebody was given, and numbers of things."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.person_ids import person_id_recognizers

_CORE = PresidioDetector(person_id_recognizers())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Employee ID E-10293 called", "E-10293"),
        ("staff number is 884213.", "884213"),
        ("Student no. s1234567", "s1234567"),
        ("customer number: 7392 1182 33", "7392 1182 33"),
        ("claim #CLM-2024-99817", "CLM-2024-99817"),
        ("case number 2:24-cv-01832 was filed", "2:24-cv-01832"),
        ('{"employeeId": "E10293"}', "E10293"),
        ("user_id=48213&x=1", "48213"),
        ("**Membership No.:** 55120033", "55120033"),
        ("the frequent flyer number was QF1234567", "QF1234567"),
        ("application number 2024/118-77", "2024/118-77"),
        ("工号：A10086", "A10086"),
        ("員工編號：E10233", "E10233"),
        ("學號：2019301128", "2019301128"),
        ("受理案件编号：2020-民-00413，", "2020-民-00413"),
        ("案号：（2021）京0105民初1234号", "2021）京0105民初1234号"),
        ("Emp. No. 104233", "104233"),
        ("**Employee ID:** E104233", "E104233"),
        ("Employee ID:\n  E104233", "E104233"),
        ("| Employee ID | E104233 |", "E104233"),
        ("学号20210001234，", "20210001234"),
        ("用户ID是 88002231", "88002231"),
        ("报案号（BA2024-7781）", "BA2024-7781"),
        ("booking reference X7QK2M", "X7QK2M"),
        ("Booking ref: QW2RTY, seat 12A", "QW2RTY"),
        ("PNR: 8HJ2KL", "8HJ2KL"),
        ("the record locator is ZR4T9A.", "ZR4T9A"),
        ("reservation number 55120-9931", "55120-9931"),
        ("police report number 250512-1732-041377", "250512-1732-041377"),
        ("报名号：520381946", "520381946"),
        ("个人编号 3301886024", "3301886024"),
        ("订座记录编码：HX4K9T", "HX4K9T"),
        ("訂位代號 ZP7WQ2，", "ZP7WQ2"),
        ("确认号：7741093826", "7741093826"),
        ("incident #22-004417 was closed", "22-004417"),
    ],
)
def test_found(text: str, value: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("PERSON_ID", value)]


@pytest.mark.parametrize(
    "text",
    [
        "order number 112-9938821, invoice INV-2024-001",
        "the employee no longer has 12345 points",
        "case no. 3 and use case number 12",
        "user id: int = 0",
        "a showcase id 12345",
        "customer ids are strings",
        "我的学号忘了",
        "请确认号码无误，预订编号待定，确认码已发送",
        "test case number 1234, use case #1234, a Test-case id 5512",
        "application id 6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "user code 401, customer codes: 200",
        "PNR is short for a passenger name record, booking codes A1 and B2",
        "the booking reference is missing, reservation code: none",
        "an incident number 3 of its kind",
    ],
)
def test_left(text: str) -> None:
    assert not _CORE.analyze(text)
