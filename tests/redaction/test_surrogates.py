import re

import pytest

from gateway.redaction.surrogates import SURROGATE_ENTITIES, SurrogateMaker

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
    first = SurrogateMaker().surrogate(entity, value, key=KEY, taken=[])
    assert first is not None
    assert first != value
    assert SurrogateMaker().surrogate(entity, value, key=KEY, taken=[]) == first
    assert SurrogateMaker().surrogate(entity, value, key=KEY, taken=[f"..{first}.."]) != first


def test_another_tenant_has_other_surrogates() -> None:
    maker = SurrogateMaker()
    names = [f"Person Number{chr(65 + n)}" for n in range(12)]
    assert [maker.surrogate("PERSON", n, key=KEY, taken=[]) for n in names] != [
        maker.surrogate("PERSON", n, key=OTHER, taken=[]) for n in names
    ]


def test_chinese_names_get_chinese_surrogates() -> None:
    surrogate = SurrogateMaker().surrogate("PERSON", "张伟", key=KEY, taken=[])
    assert surrogate is not None
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}", surrogate)


def test_phone_numbers_keep_their_form_and_belong_to_nobody() -> None:
    surrogate = SurrogateMaker().surrogate("PHONE_NUMBER", "+1 (212) 456-7890", key=KEY, taken=[])
    assert surrogate is not None
    assert re.fullmatch(r"\+\d \(\d{3}\) 555-01\d\d", surrogate)


def test_mails_and_addresses_come_from_documentation_ranges() -> None:
    maker = SurrogateMaker()
    assert str(maker.surrogate("EMAIL_ADDRESS", "a@b.cn", key=KEY, taken=[])).endswith("@example.com")
    assert str(maker.surrogate("IP_ADDRESS", "10.0.0.1", key=KEY, taken=[])).startswith("203.0.113.")


def test_a_type_without_a_generator_has_none() -> None:
    assert SurrogateMaker().surrogate("CREDIT_CARD", "4111", key=KEY, taken=[]) is None
