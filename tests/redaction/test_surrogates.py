import re
from ipaddress import ip_address, ip_network

import pytest

from gateway.redaction.surrogates import SURROGATE_ENTITIES, SurrogateMaker
from gateway.redaction.taken import Taken

KEY, OTHER = b"k" * 32, b"o" * 32
VALUES = {
    "PERSON": "Alice Johnson",
    "LOCATION": "Berlin",
    "ORGANIZATION": "Acme Ltd",
    "EMAIL_ADDRESS": "alice@corp.example.org",
    "PHONE_NUMBER": "+1 (212) 456-7890",
    "IP_ADDRESS": "10.1.2.3",
}


@pytest.mark.parametrize("entity", sorted(SURROGATE_ENTITIES))
def test_each_type_has_a_surrogate_that_is_stable_under_one_key(entity: str) -> None:
    value = VALUES[entity]
    first = SurrogateMaker().surrogate(entity, value, key=KEY, taken=Taken())
    assert first is not None
    assert first != value
    assert SurrogateMaker().surrogate(entity, value, key=KEY, taken=Taken()) == first
    assert SurrogateMaker().surrogate(entity, value, key=KEY, taken=Taken([f"..{first}.."])) != first


def test_another_tenant_has_other_surrogates() -> None:
    maker = SurrogateMaker()
    names = [f"Person Number{chr(65 + n)}" for n in range(12)]
    assert [maker.surrogate("PERSON", n, key=KEY, taken=Taken()) for n in names] != [
        maker.surrogate("PERSON", n, key=OTHER, taken=Taken()) for n in names
    ]


def test_chinese_names_get_chinese_surrogates() -> None:
    surrogate = SurrogateMaker().surrogate("PERSON", "张伟", key=KEY, taken=Taken())
    assert surrogate is not None
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}", surrogate)


def test_phone_numbers_keep_their_form_and_belong_to_nobody() -> None:
    surrogate = SurrogateMaker().surrogate("PHONE_NUMBER", "+1 (212) 456-7890", key=KEY, taken=Taken())
    assert surrogate is not None
    assert re.fullmatch(r"\+\d \(\d{3}\) 555-01\d\d", surrogate)


def test_mails_and_addresses_come_from_documentation_ranges() -> None:
    maker = SurrogateMaker()
    assert str(maker.surrogate("EMAIL_ADDRESS", "a@b.cn", key=KEY, taken=Taken())).endswith("@example.com")
    address = str(maker.surrogate("IP_ADDRESS", "10.0.0.1", key=KEY, taken=Taken()))
    assert any(ip_address(address) in ip_network(f"{block}/24") for block in ("192.0.2.0", "198.51.100.0", "203.0.113.0"))
    longer = str(maker.surrogate("IP_ADDRESS", "fe80::1ff:fe23:4567:890a", key=KEY, taken=Taken()))
    assert ip_address(longer) in ip_network("2001:db8::/32")


def test_a_type_without_a_generator_has_none() -> None:
    assert SurrogateMaker().surrogate("CREDIT_CARD", "4111", key=KEY, taken=Taken()) is None
