"""National identity, tax and health numbers outside China, the United States and the United Kingdom, each with its check.

One with letters in fixed places and a check digit stands by itself; digits alone also need a word that says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from presidio_analyzer import EntityRecognizer, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    AuAbnRecognizer,
    AuAcnRecognizer,
    AuMedicareRecognizer,
    AuTfnRecognizer,
    DeHealthInsuranceRecognizer,
    DeSocialSecurityRecognizer,
    DeTaxIdRecognizer,
    DeVatIdRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    FiPersonalIdentityCodeRecognizer,
    InAadhaarRecognizer,
    InGstinRecognizer,
    ItFiscalCodeRecognizer,
    ItVatCodeRecognizer,
    KrRrnRecognizer,
    NgNinRecognizer,
    PlPeselRecognizer,
    SePersonnummerRecognizer,
    ThTninRecognizer,
    TrNationalIdRecognizer,
    ZaIdNumberRecognizer,
)

from gateway.detection.recognizers.checksums import br_cpf, fr_nir, luhn, nl_bsn, sg_nric
from gateway.detection.recognizers.patterns import Check, CheckedPatternRecognizer, ContextPatternRecognizer, presidio_check
from gateway.detection.recognizers.shapes import FIVE_DIGITS, STRONG, WEAK, digits, number, starts_with, word

_CAPITAL_OR_DIGIT = starts_with("A-Z0-9", "[A-Za-z0-9 ]{0,6}[0-9]")


@dataclass(frozen=True, slots=True)
class Paper:
    """A number by its form, with a gate of its own, or with `words`, one of which has to stand before it, or with both."""

    entity: str
    form: str
    gate: str | None = None
    check: Check | None = None
    words: tuple[str, ...] = ()
    starts: re.Pattern[str] | None = _CAPITAL_OR_DIGIT

    def recognizer(self) -> EntityRecognizer:
        """With a name made from the entity's."""
        name = self.entity.title().replace("_", "")
        if self.words:
            seen = (self.gate or FIVE_DIGITS,)
            return ContextPatternRecognizer(
                self.entity, [(self.form, WEAK)], words=self.words, name=name, gate=seen, check=self.check
            )
        gate = [] if self.gate is None else [self.gate]
        return CheckedPatternRecognizer(
            self.entity, [(self.form, STRONG)], name=name, gate=gate, check=self.check, starts=self.starts
        )


_TRIPLES = number("[0-9]{3}([ -]?)[0-9]{3}\\1[0-9]{3}")
_CODICE = "[A-Za-z]{6}[0-9LMNP-Vlmnp-v]{2}[A-Za-z][0-9LMNP-Vlmnp-v]{2}[A-Za-z][0-9LMNP-Vlmnp-v]{3}[A-Za-z]"
_PERSONNUMMER = number("(?:19|20)?[0-9]{6}[-+]?[0-9]{4}")


def _papers() -> tuple[Paper, ...]:
    return (
        Paper("AU_ABN", number("[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"), None,
              _valid(AuAbnRecognizer), ("abn", "business number")),
        Paper("AU_ACN", _TRIPLES, None, _valid(AuAcnRecognizer), ("acn", "company number")),
        Paper("AU_TFN", _TRIPLES, None, _valid(AuTfnRecognizer), ("tfn", "tax file")),
        Paper("AU_MEDICARE", number("[2-6][0-9]{3} ?[0-9]{5} ?[0-9]"), None, _valid(AuMedicareRecognizer), ("medicare",)),
        Paper("CA_SIN", _TRIPLES, None, lambda text: luhn(digits(text)),
              ("sin", "social insurance", "nas", "assurance sociale")),
        Paper("IN_AADHAAR", number("[2-9][0-9]{3}([ -]?)[0-9]{4}\\1[0-9]{4}"), None, _valid(InAadhaarRecognizer),
              ("aadhaar", "aadhar", "uidai", "uid", "आधार")),
        Paper("IN_PAN", word("[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]"), "[A-Z]{5}[0-9]{4}[A-Z]"),
        Paper("IN_GSTIN", word("[0-3][0-9][A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]"), "[A-Z]{5}[0-9]{4}[A-Z]",
              _valid(InGstinRecognizer)),
        Paper("SG_NRIC_FIN", word("[STFGMstfgm][0-9]{7}[A-Za-z]"), "(?i)[stfgm][0-9]{7}[a-z]", sg_nric, starts=None),
        Paper("IT_FISCAL_CODE", word(_CODICE), _CODICE, _valid(ItFiscalCodeRecognizer), starts=None),
        Paper("IT_VAT_CODE", word("(?:IT)?[0-9]{11}"), None, _valid(ItVatCodeRecognizer, "IT"),
              ("partita iva", "p.iva", "p. iva", "vat")),
        Paper("ES_NIF", word("[0-9]{8}-?[A-Z]"), "[0-9]{8}-?[A-Z]", _valid(EsNifRecognizer)),
        Paper("ES_NIE", word("[X-Z][0-9]{7}-?[A-Z]"), "[X-Z][0-9]{7}-?[A-Z]", _valid(EsNieRecognizer)),
        Paper("PL_PESEL", number("[0-9]{11}"), None, _valid(PlPeselRecognizer), ("pesel",)),
        Paper("DE_TAX_ID", number("[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"), None,
              _valid(DeTaxIdRecognizer, " "),
              ("steuer-id", "steuerid", "steueridentifikationsnummer", "steuernummer", "idnr", "identifikationsnummer",
              "tax id")),
        Paper("DE_VAT_ID", word("DE ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"), "DE ?[0-9]{3}", _valid(DeVatIdRecognizer)),
        Paper("DE_SOCIAL_SECURITY", word("[0-9]{2}[0-8][0-9][01][0-9]{3}[A-Z][0-9]{3}"), "[0-9]{8}[A-Z][0-9]{3}",
              _valid(DeSocialSecurityRecognizer)),
        Paper("DE_HEALTH_INSURANCE", word("[A-Z][0-9]{9}"), None, _valid(DeHealthInsuranceRecognizer),
              ("krankenkasse", "krankenversicherung", "versichertennummer", "kvnr", "health insurance")),
        Paper("FR_NIR", number("[12] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"),
              "[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3}", fr_nir),
        Paper("NL_BSN", number("[0-9]{9}"), None, nl_bsn, ("bsn", "burgerservicenummer", "sofinummer")),
        Paper("BR_CPF", number(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"), r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-", br_cpf),
        Paper("KR_RRN", number("[0-9]{2}[01][0-9][0-3][0-9]-[1-4][0-9]{6}"), "[0-9]{6}-[1-4]", _valid(KrRrnRecognizer)),
        Paper("SE_PERSONNUMMER", _PERSONNUMMER, None, _valid(SePersonnummerRecognizer),
              ("personnummer", "personal identity number", "samordningsnummer", "personnr", "pnr", "ssn")),
        Paper("FI_PERSONAL_IDENTITY_CODE", word("[0-9]{6}[-+ABCDEFYXWVU][0-9]{3}[0-9A-FHJ-NPR-Y]"),
              "[0-9]{6}[-+A-FU-Y][0-9]{3}",
              _valid(FiPersonalIdentityCodeRecognizer)),
        Paper("TR_NATIONAL_ID", number("[1-9][0-9]{10}"), "[0-9]{11}",
              _valid(TrNationalIdRecognizer), ("tckn", "tc kimlik", "kimlik", "tc", "t.c.")),
        Paper("TH_TNIN", number("[1-8]-?[0-9]{4}-?[0-9]{5}-?[0-9]{2}-?[0-9]"), None,
              _valid(ThTninRecognizer, "-"), ("thai id", "tnin", "บัตรประชาชน", "เลขประจำตัว")),
        Paper("ZA_ID_NUMBER", number("[0-9]{10}[0-2][89][0-9]"), "[0-9]{13}", _valid(ZaIdNumberRecognizer),
              ("id number", "identity number", "rsa id", "south african id", "id no", "id", "sa id")),
        Paper("NG_NIN", number("[0-9]{11}"), None, _valid(NgNinRecognizer), ("nin", "national identification number")),
    )  # fmt: skip


def _valid(made: Callable[[], PatternRecognizer], without: str = "") -> Check:
    """Presidio's check, which some of its recognizers want to be spared what stands between or before the digits."""
    check = presidio_check(made())
    return lambda text: check(text.replace(without, "") if without else text)


def national_recognizers() -> tuple[EntityRecognizer, ...]:
    """A recognizer for each paper."""
    return tuple(paper.recognizer() for paper in _papers())
