"""What the pattern pack finds, and what it leaves alone. No models."""

import re
from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.registry import pattern_recognizers, supported_entities

Found = Callable[[str], set[tuple[str, str]]]


@pytest.fixture(scope="module")
def found() -> Found:
    core = PresidioDetector(pattern_recognizers())
    return lambda text: {(text[f.start : f.end], f.entity) for f in core.analyze(text)}


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        # beside Chinese characters, where \b sees no border
        ("手机13812345678谢谢", "13812345678", "PHONE_NUMBER"),
        ("联系00886912345678Email", "00886912345678", "PHONE_NUMBER"),
        ("卡号4111111111111111有效", "4111111111111111", "CREDIT_CARD"),
        ("他的IP是192.168.1.10吗", "192.168.1.10", "IP_ADDRESS"),
        ("邮箱zhang@163.com的", "zhang@163.com", "EMAIL_ADDRESS"),
        ("网卡00:1A:2B:3C:4D:5E的", "00:1A:2B:3C:4D:5E", "MAC_ADDRESS"),
        ("地址2001:db8::ff00:42:8329吧", "2001:db8::ff00:42:8329", "IP_ADDRESS"),
        ("汇到DE89370400440532013000吧", "DE89370400440532013000", "IBAN_CODE"),
        ("看https://a.example.org/b?c=1，好", "https://a.example.org/b?c=1", "URL"),
        # telephones
        ("+86 138-1234-5678", "+86 138-1234-5678", "PHONE_NUMBER"),
        ("联系0571-87654321转802", "0571-87654321转802", "PHONE_NUMBER"),
        ("客服400-820-8820", "400-820-8820", "PHONE_NUMBER"),
        ("電話：02-25067711", "02-25067711", "PHONE_NUMBER"),
        ("call +44 20 7946 0958 now", "+44 20 7946 0958", "PHONE_NUMBER"),
        ("ring (212) 555-0198", "(212) 555-0198", "PHONE_NUMBER"),
        ("My phone is 785 8949", "785 8949", "PHONE_NUMBER"),
        ("0049 30 1234567", "0049 30 1234567", "PHONE_NUMBER"),
        ("at (08) 9123 4567 today", "(08) 9123 4567", "PHONE_NUMBER"),
        ("07700 900123", "07700 900123", "PHONE_NUMBER"),
        ("+44 (0)20 7946 0958", "+44 (0)20 7946 0958", "PHONE_NUMBER"),
        ("555-0134 ext. 12", "555-0134 ext. 12", "PHONE_NUMBER"),
        ("1-800-555-0199", "1-800-555-0199", "PHONE_NUMBER"),
        ("06 12 34 56 78", "06 12 34 56 78", "PHONE_NUMBER"),
        ("06.12.34.56.78", "06.12.34.56.78", "PHONE_NUMBER"),
        ("030/12345678", "030/12345678", "PHONE_NUMBER"),
        ("(11) 98765-4321", "(11) 98765-4321", "PHONE_NUMBER"),
        ("fax: 98765 43210", "98765 43210", "PHONE_NUMBER"),
        ("M: 5551234567", "5551234567", "PHONE_NUMBER"),
        ("(212) 555-0198 2024-01-02", "(212) 555-0198", "PHONE_NUMBER"),
        ("經紀人+886927951202Email", "+886927951202", "PHONE_NUMBER"),
        ("home_phone: 5551234567", "5551234567", "PHONE_NUMBER"),
        # money
        ("银行卡6222021234567890128", "6222021234567890128", "CN_BANK_CARD"),
        ("Amex 3782 822463 10005", "3782 822463 10005", "CREDIT_CARD"),
        ("gb12spfc66723974480868", "gb12spfc66723974480868", "IBAN_CODE"),
        ("routing number 021000021", "021000021", "ABA_ROUTING_NUMBER"),
        ("sort code 20-45-77, account", "20-45-77", "UK_SORT_CODE"),
        ("Sort code: 204577", "204577", "UK_SORT_CODE"),
        ("my account number is 12345678901", "12345678901", "US_BANK_NUMBER"),
        ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "CRYPTO"),
        # papers
        ("身份证号11010519491231002X。", "11010519491231002X", "CN_ID"),
        ("身份证 110105194912310021（写错一位）", "110105194912310021", "CN_ID"),
        ("统一社会信用代码91350100M000100Y43", "91350100M000100Y43", "CN_USCC"),
        ("护照E12345678", "E12345678", "CN_PASSPORT"),
        ("護照號P3381204B", "P3381204B", "PASSPORT_NUMBER"),
        ("执业证号：13301201810442617", "13301201810442617", "CERTIFICATE_NUMBER"),
        ("港澳通行证C12345678", "C12345678", "CN_TRAVEL_PERMIT"),
        ("HKID A123456(4), mistyped", "A123456(4)", "HK_ID"),
        ("香港身份证号码是A1234564", "A1234564", "HK_ID"),
        ("身分證字號 A123456788", "A123456788", "TW_ID"),
        ("HKID A123456(3)", "A123456(3)", "HK_ID"),
        ("身分證A123456789", "A123456789", "TW_ID"),
        ("车牌京A12345和粤BD12345", "京A12345", "CN_LICENSE_PLATE"),
        ("新能源车牌粤BD12345", "粤BD12345", "CN_LICENSE_PLATE"),
        ("SSN 219-09-9999", "219-09-9999", "US_SSN"),
        ("social security 219099999", "219099999", "US_SSN"),
        ("ITIN 912-70-1234", "912-70-1234", "US_ITIN"),
        ("NHS number 943 476 5919", "943 476 5919", "UK_NHS"),
        ("NI AB123456C", "AB123456C", "UK_NINO"),
        ("passport 123456789", "123456789", "PASSPORT_NUMBER"),
        ("MRN: 12345678", "12345678", "MEDICAL_RECORD_NUMBER"),
        ("Medicare 1EG4-TE5-MK73", "1EG4-TE5-MK73", "US_MBI"),
        ("NRIC S1234567D", "S1234567D", "SG_NRIC_FIN"),
        ("DNI 12345678Z", "12345678Z", "ES_NIF"),
        ("NIE X1234567L", "X1234567L", "ES_NIE"),
        ("PESEL 44051401359", "44051401359", "PL_PESEL"),
        ("ABN 51 824 753 556", "51 824 753 556", "AU_ABN"),
        ("TFN 123 456 782", "123 456 782", "AU_TFN"),
        ("Medicare 2123 45670 1", "2123 45670 1", "AU_MEDICARE"),
        ("my aadhaar is 2345 6789 0124", "2345 6789 0124", "IN_AADHAAR"),
        ("PAN ABCPE1234F", "ABCPE1234F", "IN_PAN"),
        ("CF RSSMRA85T10A562S", "RSSMRA85T10A562S", "IT_FISCAL_CODE"),
        ("SIN 046 454 286", "046 454 286", "CA_SIN"),
        ("Steuer-ID 86 095 742 719", "86 095 742 719", "DE_TAX_ID"),
        ("USt-IdNr. DE136695976", "DE136695976", "DE_VAT_ID"),
        ("NIR 2 55 08 14 168 025 38", "2 55 08 14 168 025 38", "FR_NIR"),
        ("BSN 111222333", "111222333", "NL_BSN"),
        ("CPF 529.982.247-25", "529.982.247-25", "BR_CPF"),
        ("RRN 900101-1234568", "900101-1234568", "KR_RRN"),
        ("HETU 131052-308T", "131052-308T", "FI_PERSONAL_IDENTITY_CODE"),
        ("TC Kimlik 10000000146", "10000000146", "TR_NATIONAL_ID"),
        # vehicles, devices, members
        ("VIN 1M8GDM9AXKP042788", "1M8GDM9AXKP042788", "VIN"),
        ("IMEI 49-015420-323751-8", "49-015420-323751-8", "IMEI"),
        ("serial number: SN12345678", "SN12345678", "DEVICE_ID"),
        ("member ID: XYZ123456789", "XYZ123456789", "HEALTH_PLAN_NUMBER"),
        ("plate number 7ABC123", "7ABC123", "VEHICLE_REGISTRATION"),
        ("certificate number A-12345", "A-12345", "CERTIFICATE_NUMBER"),
        ("driver's license number 425700624", "425700624", "DRIVER_LICENSE"),
        ("DEA AB1234563", "AB1234563", "MEDICAL_LICENSE"),
        # messengers: the label stays
        ("微信号：zhang_san88", "zhang_san88", "WECHAT_ID"),
        ("QQ：123456789", "123456789", "QQ_ID"),
        ("加Q群:89359735", "89359735", "QQ_ID"),
        ("my QQ is 12345678", "12345678", "QQ_ID"),
        ("my qq number (1234567)", "1234567", "QQ_ID"),
        ("QQ account: 1234567", "1234567", "QQ_ID"),
        ("my WeChat is lily_chen88, ok", "lily_chen88", "WECHAT_ID"),
        ("WeChat ID: lilychen", "lilychen", "WECHAT_ID"),
        ("WeChat (lily88x)", "lily88x", "WECHAT_ID"),
        # dates and places
        ("born 1980-03-05", "1980-03-05", "DATE_TIME"),
        ("on March 5th, 1980 he", "March 5th, 1980", "DATE_TIME"),
        ("生于1980年3月5日", "1980年3月5日", "DATE_TIME"),
        ("zip code is 71382", "71382", "LOCATION"),
        ("postcode SW1A 1AA", "SW1A 1AA", "LOCATION"),
        ("Postal code: K1A 0B1", "K1A 0B1", "LOCATION"),
        ("邮编100021", "100021", "LOCATION"),
        ("at 92 Baker Street, Springfield, IL 62704.", "92 Baker Street, Springfield, IL 62704", "LOCATION"),
    ],
)
def test_finds(found: Found, text: str, value: str, entity: str) -> None:
    assert (value, entity) in found(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("key AKIAIOSFODNN7EXAMPLE end", "AKIAIOSFODNN7EXAMPLE"),
        ("密钥ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
        ("sk-proj-" + "a1B2_" * 8, "sk-proj-" + "a1B2_" * 8),
        ("sk-ant-api03-" + "a1B2" * 8, "sk-ant-api03-" + "a1B2" * 8),
        ("hf_" + "aB3d" * 9, "hf_" + "aB3d" * 9),
        ("AIza" + "aB3d_" * 7, "AIza" + "aB3d_" * 7),
        ("xoxb-1234567890-abcdefghij", "xoxb-1234567890-abcdefghij"),
        ("sk_live_" + "aB3d" * 6, "sk_live_" + "aB3d" * 6),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_123"),
        ("postgres://admin:s3cr3t@db.example.com:5432/app", "admin:s3cr3t"),
        ("Authorization: Bearer abcdefghijklmnop1234", "abcdefghijklmnop1234"),
        ("password: hunter2!x", "hunter2!x"),
        ("my password is hunter2", "hunter2"),
        ("password is lemon-Kayak-42, so", "lemon-Kayak-42"),
        ("my pwd is Tr0ub4dor.", "Tr0ub4dor"),
        ("(password: s3cret!)", "s3cret!"),
        ("密码是Abc123.", "Abc123"),
        ("HTTPS://a:b@c.example.com", "a:b"),
        ('{"api_key": "abcdefghij"}', "abcdefghij"),
        ("密码：abcdef，谢谢", "abcdef"),
        ("DB_PASSWORD=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("123456789:AA" + "a1B2-" * 6 + "xyz", "123456789:AA" + "a1B2-" * 6 + "xyz"),
        ("abc8Q~" + "a1B2" * 8, "abc8Q~" + "a1B2" * 8),
        ("SharedAccessKey=" + "a1B2" * 10 + "=;", "a1B2" * 10 + "="),
        ("id_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF", "id_eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF"),
        ("dapi" + "0a1b" * 8, "dapi" + "0a1b" * 8),
        ("npm_" + "aB3d" * 9, "npm_" + "aB3d" * 9),
    ],
)
def test_finds_secrets(found: Found, text: str, value: str) -> None:
    assert (value, "SECRET") in found(text)


def test_finds_a_private_key_whole_also_when_cut_off(found: Found) -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7\n"
    whole = f"-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----"
    assert (whole, "SECRET") in found(f"see\n{whole}\nthere")
    assert any(body.strip() in value for value, entity in found(f"-----BEGIN PRIVATE KEY-----\n{body}") if entity == "SECRET")


@pytest.mark.parametrize(
    "text",
    [
        "see file.py, asyncio.run and node.js",
        "from a.b import c; x = foo.bar()",
        "order 20240105123456, build 13.2.1, version 10.2.3.4.5, v1.2.3.4",
        "epoch 1700000000 and 1700000000123 ms",
        "550e8400-e29b-41d4-a716-446655440000",
        "call the function 3 times, then reach step 42",
        "std::vector<int> a; dead::beef; Foo::bar",
        "listen on 127.0.0.1, 0.0.0.0 and ::1, mask 255.255.255.0",
        "http://localhost:8000/v1/chat/completions",
        "password = get_password()",
        "token: str = None",
        "secret = os.environ['X']",
        "api_key=api_key, password=None",
        "The token is required. The password is Expired.",
        "请输入密码：",
        "lodash@4.17.21 and git@github.com:org/repo.git and @decorator",
        "4111111111111112",  # Luhn fails
        "吉祥A股2019年上涨，京东618大促",
        "iphone 15 pro, qq music, wechat pay",
        "ratio 3.14159265358979, sha 9f86d081884c7d659a2feaa0c55ad015",
        "2019–2021, 12:34:56, 1/2, 50%",
        "123-456",
        "call me about order 12345678",
        "ISBN 0-306-40615-2 and 978-3-16-148410-0",
        "at 51.5074, 0.1278 for 1 200 000 USD, clause 252.227-7013",
        "tensor[:, 0::2], MA 02110-1301, 0012-3456",
        "phone odds 1.18/7.50/13.0",
        "password is None: raise",
        "My WeChat is broken, WeChat payment failed, a wechat official account",
        "nginx version: 1.8.1.2, v1.8.1.2, v. 1.8.1.2, firmware 1.8.1.2",
        "Mozilla/5.0 Chrome/119.0.0.0 Safari/537.36, curl/8.1.2.3",
        "Version number is 1.8.1.2; from version 1.8.1.2 to 1.9.0.1",
        "pip install foo-bar==1.2.3.4 'baz>=1.2.3.4'",
        '{"version": "1.2.3.4"}',
        "版本号为1.8.1.2，固件 1.2.3.4，升级到1.8.1.3",
        "see section 1.2.3.4 and § 1.2.3.4",
    ],
)
def test_leaves_alone(found: Found, text: str) -> None:
    assert found(text) == set()


def test_mail_and_secret_inside_a_url_are_found_on_their_own(found: Found) -> None:
    assert found("https://x.com/?mail=bob@example.com&x=1") == {
        ("https://x.com/?mail=", "URL"),
        ("bob@example.com", "EMAIL_ADDRESS"),
        ("&x=1", "URL"),
    }


@pytest.mark.parametrize(
    "text",
    [
        "server 10.0.0.1 runs version 1.8.1.2",
        "version 1.8.1.2, then 10.0.0.1",
        "IP version 4 address 10.0.0.1",
        "myhost/10.0.0.1 refused",
        "Host/10.0.0.1",
        "//10.0.0.1/x",
        "ip==10.0.0.1",
        "ip.addr == 10.0.0.1",
        '{"version":"1.2.3.4", "ip":"10.0.0.1"}',
        "vpn 10.0.0.1",
        "release 10.0.0.1 from DHCP",
    ],
)
def test_an_address_beside_a_version_is_still_one(found: Found, text: str) -> None:
    assert found(text) == {("10.0.0.1", "IP_ADDRESS")}


@pytest.mark.parametrize("address", ["postgres://user:pw@db.internal.example/app", "mongodb+srv://u.ser:p#w@db.example.com"])
def test_the_password_of_a_url_is_no_mail_address(found: Found, address: str) -> None:
    assert {entity for _, entity in found(address)} == {"SECRET"}
    assert found("mailto:bob@example.com") == {("bob@example.com", "EMAIL_ADDRESS")}


def test_weak_numbers_need_a_word_close_by(found: Found) -> None:
    assert found("123456789") == set()
    assert found("passport" + " " * 60 + "123456789") == set()


def test_supported_entities_name_what_a_policy_may_speak_of() -> None:
    entities = supported_entities(pattern_recognizers())
    assert {"EMAIL_ADDRESS", "PHONE_NUMBER", "CN_ID", "SECRET", "US_SSN", "IBAN_CODE"} <= entities
    assert all(re.fullmatch(r"[A-Z]+(?:_[A-Z]+)*", entity) for entity in entities)


@pytest.mark.parametrize("unit", ["a", "1", "1 ", "1-", "a.", "a@", "@a.", "eyJ", "a://", "password=", "a_", "Ab ", ":", "QQ"])
def test_no_pattern_needs_longer_than_its_time(unit: str) -> None:
    """A pattern that backtracks without bound would hit `pattern_timeout_s` and raise."""
    core = PresidioDetector(pattern_recognizers(), pattern_timeout_s=2.0)
    assert isinstance(core.analyze(unit * (20_000 // len(unit))), tuple)
