"""What does not change from run to run: every type, who finds it and how, and HIPAA's identifiers as these types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import ContextPatternRecognizer
from gateway.detection.taggers.tagging import TAGGED_ENTITIES

CHECKS = MappingProxyType(
    {
        "ABA_ROUTING_NUMBER": "weighted sum modulo 10",
        "AR_CUIT": "modulo 11",
        "AU_ABN": "modulo 89",
        "AU_ACN": "modulo 10",
        "AU_MEDICARE": "modulo 10",
        "AU_TFN": "modulo 11",
        "BE_NATIONAL_NUMBER": "modulo 97",
        "BG_EGN": "modulo 11",
        "BR_CPF": "two check digits modulo 11",
        "CA_SIN": "Luhn",
        "CH_AHV": "EAN-13",
        "CL_RUT": "modulo 11",
        "CN_BANK_CARD": "Luhn; none behind a word for an account",
        "CN_ID": "GB 11643 (ISO 7064 MOD 11-2), province, birth date",
        "CN_LICENSE_PLATE": "GA 36: at most two letters in the serial number",
        "CN_USCC": "GB 32100, modulo 31",
        "CREDIT_CARD": "Luhn, issuer",
        "CRYPTO": "Base58Check, Bech32; none for Ethereum",
        "CZ_BIRTH_NUMBER": "modulo 11",
        "DE_HEALTH_INSURANCE": "Luhn variant",
        "DE_SOCIAL_SECURITY": "weighted digit sums modulo 10",
        "DE_TAX_ID": "ISO 7064 MOD 11,10",
        "DE_VAT_ID": "ISO 7064 MOD 11,10",
        "DK_CPR": "birth date",
        "EMAIL_ADDRESS": "public-suffix list, names of private networks",
        "ES_NIE": "letter modulo 23",
        "ES_NIF": "letter modulo 23",
        "FI_PERSONAL_IDENTITY_CODE": "character modulo 31, birth date",
        "FR_NIR": "key modulo 97",
        "GR_AMKA": "Luhn",
        "HK_ID": "modulo 11",
        "IBAN_CODE": "ISO 13616 (modulo 97), length by country",
        "ID_NIK": "birth date",
        "IE_PPSN": "letter modulo 23",
        "IL_ID": "Luhn",
        "IMEI": "Luhn",
        "IN_AADHAAR": "Verhoeff",
        "IN_GSTIN": "modulo 36",
        "IP_ADDRESS": "parsed; loopback, unspecified and masks are left",
        "IT_FISCAL_CODE": "character modulo 26",
        "IT_VAT_CODE": "Luhn",
        "JP_MY_NUMBER": "modulo 11",
        "KR_RRN": "modulo 11",
        "MAC_ADDRESS": "neither broadcast nor all zeros",
        "MEDICAL_LICENSE": "DEA check digit",
        "MX_CURP": "modulo 10",
        "MY_NRIC": "birth date",
        "NG_NIN": "Verhoeff",
        "NL_BSN": "modulo 11",
        "NO_FNR": "two check digits modulo 11",
        "PL_PESEL": "weighted sum modulo 10",
        "PT_NIF": "modulo 11",
        "RO_CNP": "modulo 11",
        "RU_INN": "two check digits modulo 11",
        "RU_SNILS": "modulo 101",
        "SE_PERSONNUMMER": "Luhn, birth date",
        "SG_NRIC_FIN": "letter modulo 11",
        "SWIFT_CODE": "the country in it",
        "TH_TNIN": "modulo 11",
        "TR_NATIONAL_ID": "two check digits modulo 10",
        "TW_ID": "weighted sum modulo 10",
        "UK_NHS": "modulo 11",
        "US_NPI": "Luhn with 80840",
        "US_SSN": "areas, groups and serials that are never issued",
        "VIN": "49 CFR 565.15, modulo 11",
        "ZA_ID_NUMBER": "Luhn, birth date",
    }
)
"""Where more than the form decides."""

LABELLED = frozenset({"PERSON_ID", "QQ_ID", "SECURITY_CODE", "USERNAME", "WECHAT_ID"})
"""Types whose patterns begin with the word for them."""

HIPAA = (
    ("A", "Names", ("PERSON",), ""),
    ("B", "Geographic subdivisions smaller than a state", ("LOCATION",), "coordinates too"),
    ("C", "Dates to the day related to an individual", ("DATE_TIME", "AGE"), "of ages those over 89"),
    ("D", "Telephone numbers", ("PHONE_NUMBER",), ""),
    ("E", "Fax numbers", ("PHONE_NUMBER",), ""),
    ("F", "Electronic mail addresses", ("EMAIL_ADDRESS",), ""),
    ("G", "Social security numbers", ("US_SSN",), ""),
    ("H", "Medical record numbers", ("MEDICAL_RECORD_NUMBER",), "behind a word that says so"),
    ("I", "Health plan beneficiary numbers", ("HEALTH_PLAN_NUMBER", "US_MBI"), "behind a word that says so"),
    ("J", "Account numbers", ("US_BANK_NUMBER", "CREDIT_CARD", "IBAN_CODE", "CN_BANK_CARD", "CRYPTO", "PERSON_ID"),
     "numbers of people behind a word that says so"),
    ("K", "Certificate and license numbers", ("CERTIFICATE_NUMBER", "DRIVER_LICENSE", "MEDICAL_LICENSE", "PASSPORT_NUMBER"),
     "behind a word that says so"),
    ("L", "Vehicle identifiers, license plates", ("VIN", "VEHICLE_REGISTRATION", "CN_LICENSE_PLATE"),
     "plates outside China behind a word that says so"),
    ("M", "Device identifiers and serial numbers", ("DEVICE_ID", "IMEI", "MAC_ADDRESS"), "serial numbers behind a word"),
    ("N", "Web URLs", ("URL",), "with a scheme, www., or a known host with a path or under a common suffix"),
    ("O", "IP addresses", ("IP_ADDRESS",), ""),
    ("P", "Biometric identifiers", (), "not supported"),
    ("Q", "Full-face photographs and comparable images", (),
     "not supported: images are refused, unless policy lets them through uninspected"),
    ("R", "Any other unique identifying number, characteristic or code",
     ("SECRET", "SECURITY_CODE", "PERSON_ID", "USERNAME", "QQ_ID", "WECHAT_ID"),
     "the national numbers above too; characteristics in words: not supported"),
)  # fmt: skip
"""45 CFR 164.514(b)(2)(i): letter, identifier, our types, what to know."""


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One type: who finds it, by what, in which scripts, and what is checked."""

    entity: str
    recognizers: tuple[str, ...]
    found_by: str
    scripts: str
    check: str

    def cells(self) -> list[str]:
        return [self.entity, ", ".join(self.recognizers), self.found_by, self.scripts, self.check]


_IN_TABLES = re.compile("TableColumns|Column[A-Z]")
"""Who reads cells by the head of their column."""


def type_rows(patterns: Iterable[EntityRecognizer]) -> list[TypeRow]:
    """Every built-in type, by name. `patterns` are all recognizers but the taggers, which need no loading for this."""
    by_entity: dict[str, list[EntityRecognizer]] = {entity: [] for entity in TAGGED_ENTITIES}
    for recognizer in patterns:
        for entity in recognizer.get_supported_entities():
            by_entity.setdefault(entity, []).append(recognizer)
    return [_row(entity, by_entity[entity]) for entity in sorted(by_entity)]


def _row(entity: str, finders: Sequence[EntityRecognizer]) -> TypeRow:
    tagged = entity in TAGGED_ENTITIES
    names = [str(getattr(one, "name", "")) for one in finders] + (["LatinTagger, HanTagger"] if tagged else [])
    in_context = [one for one in finders if isinstance(one, ContextPatternRecognizer)]
    in_tables = [name for name in names if _IN_TABLES.match(name)]
    by_form = len(finders) > len(in_context) + len(in_tables) and entity not in LABELLED
    ways = {"form": by_form, "context": bool(in_context) or entity in LABELLED, "table": bool(in_tables), "tagger": tagged}
    scripts = "Latin, Han" if tagged or entity in LABELLED else "any" if by_form else _scripts(in_context)
    found_by = " + ".join(way for way, is_used in ways.items() if is_used)
    return TypeRow(entity, tuple(names), found_by, scripts, CHECKS.get(entity, ""))


def _scripts(in_context: Iterable[ContextPatternRecognizer]) -> str:
    """Of the context words."""
    words = [word for one in in_context for word in one.words]
    has_han = any("\u4e00" <= character <= "\u9fff" for word in words for character in word)
    has_latin = any(word.isascii() for word in words)
    return ", ".join(script for script, is_used in (("Latin", has_latin), ("Han", has_han)) if is_used)
