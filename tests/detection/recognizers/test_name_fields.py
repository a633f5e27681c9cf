"""Places and organisations that a field tells; and what stands there without being one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.name_fields import name_field_recognizers
from gateway.detection.recognizers.patterns import WALL

Found = Callable[[str], dict[str, str]]


@pytest.fixture(scope="module")
def found() -> Found:
    core = PresidioDetector(name_field_recognizers())
    return lambda text: {text[f.start : f.end]: f.entity for f in core.analyze(text)}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("City: Hope\nEmployer: Square\n", {"Hope": "LOCATION", "Square": "ORGANIZATION"}),
        ('{"companyName": "Ledger", "customer_city": "Deal"}', {"Ledger": "ORGANIZATION", "Deal": "LOCATION"}),
        ("<street>Long Acre 4b</street><city>Ware</city>", {"Long Acre 4b": "LOCATION", "Ware": "LOCATION"}),
        ("- **Place of birth:** Bath", {"Bath": "LOCATION"}),
        ("bank: Bank of Asher, county: DeKalb", {"Bank of Asher": "ORGANIZATION", "DeKalb": "LOCATION"}),
        ("Hospital: St. Osmund's. Ward: 4", {"St. Osmund's": "ORGANIZATION"}),
        ("Employer: Orme & Sons, Inc.\n", {"Orme & Sons, Inc.": "ORGANIZATION"}),
        ("School: All Hallows  Year: 9", {"All Hallows": "ORGANIZATION"}),
        ("Bank: Orme Sort code: 20-00-00", {"Orme": "ORGANIZATION"}),
        ("city=Cork; company=Voxel", {"Cork": "LOCATION", "Voxel": "ORGANIZATION"}),
        (f"city: Hope{WALL}employer: Square{WALL}", {"Hope": "LOCATION", "Square": "ORGANIZATION"}),
    ],
)
def test_a_place_or_an_organisation_is_told(found: Found, text: str, values: dict[str, str]) -> None:
    assert found(text) == values


@pytest.mark.parametrize(
    "text",
    [
        "class Order:\n    city: City\n    company: CompanyName\n    bank: Bank = None\n    street: str",
        '{"city": "required", "company": "String", "school": "Optional", "street": null}',
        "city = Config.CITY\ncompany = get_company()\nbank=BANK,",
        "Employer: None\nCity: Unknown\nSchool: N/A\nCompany: Self-employed",
        "| City | Population |\n| Company | Employees |",
        "City: 12\nStreet: 4 - 8",
        "I went to the bank: Closed.",
        "School: What to look for in one",
        "City: the one that never sleeps",
        "Location: Remote, Client: Monument",
        "- **Company:** Overview\n- **Organization**: Structure and Roles\n- Hospital: Costs\n- University: Rankings",
        "city = Column(String)\ncompany = Text(40)",
        "Employer: Full Time\nResidence: Permanent\nCounty: Total\nHospital: Inpatient",
        "",
    ],
)
def test_nothing_is_told(found: Found, text: str) -> None:
    assert found(text) == {}


def test_the_longer_name_that_a_tagger_sees_is_the_finding() -> None:
    text = "Company: Smith, Jones & Co., Boston\nCity: Springfield, IL 62704"
    names = {text[f.start : f.end] for f in PresidioDetector().analyze(text)}
    assert "Smith, Jones & Co." in names
    assert "Springfield, IL 62704" in names
