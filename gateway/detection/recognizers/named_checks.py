"""Check digits by the name that a policy gives them. Each takes whatever a pattern matched, and says no to any other shape."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import MappingProxyType

from presidio_analyzer.predefined_recognizers import (
    AbaRoutingRecognizer,
    AuAbnRecognizer,
    AuAcnRecognizer,
    AuMedicareRecognizer,
    AuTfnRecognizer,
    DeTaxIdRecognizer,
    EsNifRecognizer,
    IbanRecognizer,
    InAadhaarRecognizer,
    ItFiscalCodeRecognizer,
    NhsRecognizer,
    PlPeselRecognizer,
    UsNpiRecognizer,
)

from gateway.detection.recognizers.checksums import (
    br_cpf,
    fr_nir,
    hong_kong_id,
    luhn,
    nl_bsn,
    resident_id,
    sg_nric,
    social_credit_code,
    taiwan_id,
    vehicle_number,
)
from gateway.detection.recognizers.patterns import Check, presidio_check
from gateway.rules.detection import Checksum

_SEPARATORS = re.compile(r"[\s./()-]")


def mod97(text: str) -> bool:
    """ISO/IEC 7064 MOD 97-10, as in an LEI: letters count from A=10; the whole is 1 modulo 97."""
    return int("".join(str(int(c, 36)) for c in text)) % 97 == 1


_NAMED: MappingProxyType[Checksum, tuple[str, Callable[[], Check]]] = MappingProxyType(
    {
        Checksum.LUHN: ("[0-9]{2,64}", lambda: luhn),
        Checksum.MOD97: ("[0-9A-Z]{3,64}", lambda: mod97),
        Checksum.IBAN: ("[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", lambda: presidio_check(IbanRecognizer())),
        Checksum.CN_RESIDENT_ID: ("[0-9]{17}[0-9X]", lambda: resident_id),
        Checksum.CN_USCC: ("[0-9A-Z]{18}", lambda: social_credit_code),
        Checksum.HK_ID: ("[A-Z]{1,2}[0-9]{6}[0-9A]", lambda: hong_kong_id),
        Checksum.TW_ID: ("[A-Z][0-9]{9}", lambda: taiwan_id),
        Checksum.SG_NRIC: ("[STFGM][0-9]{7}[A-Z]", lambda: sg_nric),
        Checksum.US_NPI: ("[0-9]{10}", lambda: presidio_check(UsNpiRecognizer())),
        Checksum.US_ABA: ("[0-9]{9}", lambda: presidio_check(AbaRoutingRecognizer())),
        Checksum.UK_NHS: ("[0-9]{10}", lambda: presidio_check(NhsRecognizer())),
        Checksum.AU_ABN: ("[0-9]{11}", lambda: presidio_check(AuAbnRecognizer())),
        Checksum.AU_ACN: ("[0-9]{9}", lambda: presidio_check(AuAcnRecognizer())),
        Checksum.AU_TFN: ("[0-9]{9}", lambda: presidio_check(AuTfnRecognizer())),
        Checksum.AU_MEDICARE: ("[0-9]{10}", lambda: presidio_check(AuMedicareRecognizer())),
        Checksum.IN_AADHAAR: ("[0-9]{12}", lambda: presidio_check(InAadhaarRecognizer())),
        Checksum.DE_TAX_ID: ("[0-9]{11}", lambda: presidio_check(DeTaxIdRecognizer())),
        Checksum.ES_NIF: ("[0-9]{8}[A-Z]", lambda: presidio_check(EsNifRecognizer())),
        Checksum.FR_NIR: ("[0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{8}", lambda: fr_nir),
        Checksum.IT_FISCAL_CODE: ("[A-Z]{6}[0-9A-Z]{9}[A-Z]", lambda: presidio_check(ItFiscalCodeRecognizer())),
        Checksum.NL_BSN: ("[0-9]{9}", lambda: nl_bsn),
        Checksum.PL_PESEL: ("[0-9]{11}", lambda: presidio_check(PlPeselRecognizer())),
        Checksum.BR_CPF: ("[0-9]{11}", lambda: br_cpf),
        Checksum.VIN: ("[A-HJ-NPR-Z0-9]{17}", lambda: vehicle_number),
    }
)


def named_check(name: Checksum) -> Callable[[str], bool]:
    """Whether the check digits of a text are right. Case, white space and `. - / ( )` do not count."""
    shape, make = _NAMED[name]
    form, check = re.compile(shape), make()

    def holds(text: str) -> bool:
        value = _SEPARATORS.sub("", text).upper()
        return form.fullmatch(value) is not None and check(value) is True

    return holds
