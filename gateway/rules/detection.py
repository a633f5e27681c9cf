"""How a tenant's texts are read: values that policy writes and detection follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Checksum(StrEnum):
    """Check digits by name, for a tenant's own patterns."""

    LUHN = "luhn"
    MOD97 = "mod97"
    IBAN = "iban"
    CN_RESIDENT_ID = "cn_resident_id"
    CN_USCC = "cn_uscc"
    HK_ID = "hk_id"
    TW_ID = "tw_id"
    SG_NRIC = "sg_nric"
    US_NPI = "us_npi"
    US_ABA = "us_aba"
    UK_NHS = "uk_nhs"
    AU_ABN = "au_abn"
    AU_ACN = "au_acn"
    AU_TFN = "au_tfn"
    AU_MEDICARE = "au_medicare"
    IN_AADHAAR = "in_aadhaar"
    DE_TAX_ID = "de_tax_id"
    ES_NIF = "es_nif"
    FR_NIR = "fr_nir"
    IT_FISCAL_CODE = "it_fiscal_code"
    NL_BSN = "nl_bsn"
    PL_PESEL = "pl_pesel"
    BR_CPF = "br_cpf"
    VIN = "vin"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRules:
    """An entity type by RE2 patterns. `context`: one of these words must stand close by. `score` lies in 0..1."""

    entity: str
    patterns: tuple[str, ...]
    score: float
    context: frozenset[str] = frozenset()
    checksum: Checksum | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRules:
    """An entity type by a list of names."""

    entity: str
    words: frozenset[str] = field(repr=False)
    score: float
    ignore_case: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRules:
    """A recognizer that an installed package offers under this name."""

    plugin: str


RecognizerRules: TypeAlias = PatternRules | WordRules | PluginRules


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginOffer:
    """The entity types that an installed recognizer finds, or why it cannot be used, and what helps."""

    entities: frozenset[str] = frozenset()
    problem: str | None = None
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionRules:
    """How a tenant's texts are read. Equal rules share an engine; findings are remembered for each `tenant` apart.

    `high_recall` adds the large taggers (spaCy, LAC) to the small ones; `recognizers` are the tenant's own, by value. `allow`
    are values that are never findings, in the spelling that `alike` gives. `max_characters` bounds all texts of one request
    together, in code points.
    """

    tenant: str = ""
    high_recall: bool = False
    recognizers: tuple[RecognizerRules, ...] = ()
    allow: frozenset[str] = field(default=frozenset(), repr=False)
    max_characters: int = 2_000_000


def alike(value: str) -> str:
    """One spelling for values that an allow list takes for the same: case and the kind of white space do not count."""
    return " ".join(value.split()).casefold()
