"""National numbers of further countries, with checks of our own, and what people call an identity number anywhere.

They share two gates: of so many expressions each of its own would cost every text more than it spares any.
"""

from __future__ import annotations

from dataclasses import dataclass

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers import national_checks as checks
from gateway.detection.recognizers.checksums import luhn
from gateway.detection.recognizers.patterns import Check, CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG, digits, number, word

_GENERIC = 0.45
"""Below `WEAK`: a number that a country's own word and check explain is that."""
_EXPLAINED = 0.8
"""More than `STRONG`, which a telephone has by its form: a rare word says exactly what the number is."""
_ANY_ID = r"(?=(?:[A-Z.-]{0,6}[0-9]){5})[A-Z]{0,4}[0-9][A-Z0-9]{0,11}(?:[.-][A-Z0-9]{1,10}){0,4}"
_ID_WORDS = ("national id", "national identity", "national identification", "identity card", "identity number",
             "identification number", "id card", "id no", "id number", "citizen id", "citizenship number", "cédula", "cedula",
             "nic:", "nic no", "nic number", "nic is", "my nic", "dni", "carte d'identité", "carta d'identità",
             "personalausweis", "documento de identidad",
             "dowód osobisty", "osobní", "svnr", "sozialversicherungsnummer", "身份证明", "证件号", "證件號")  # fmt: skip

_NIC = "[0-9]{9} ?[VvXx]|(?:19|20)[0-9]{10}|[A-Za-z][0-9]{12}[A-Za-z0-9]"
"""Of Sri Lanka, before and since 2016, and of Mauritius. A network's card is a NIC too, so no other number is one behind `NIC`
alone; and the letters stand in `technical`, for which not all of the numbers here should be looked for."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A number by its form, with a check; with `words` it counts only behind one of them."""

    entity: str
    form: str
    check: Check | None
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.entity.title().replace("_", "") + ("InContext" if self.words else "")


_BY_FORM = (
    _Number("CH_AHV", number(r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}|756[0-9]{10}"), checks.ch_ahv),
    _Number("CL_RUT", number(r"[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9Kk]"), checks.cl_rut),
    _Number("AR_CUIT", number("(?:2[03-7]|3[034])-[0-9]{8}-[0-9]"), checks.ar_cuit),
    _Number("AE_EMIRATES_ID", number("784-(?:19|20)[0-9]{2}-[0-9]{7}-[0-9]"), None),
    _Number("BE_NATIONAL_NUMBER", number(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}"), checks.be_nn),
    _Number("MX_CURP", word("[A-Z]{4}[0-9]{2}[01][0-9][0-3][0-9][HMX][A-Z]{5}[A-Z0-9][0-9]"), checks.mx_curp),
    _Number("PK_CNIC", number("[1-7][0-9]{4}-[0-9]{7}-[0-9]"), None),
    _Number("RU_SNILS", number("[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}"), checks.ru_snils),
)  # fmt: skip
_FORM_GATE = (
    r"756\.?[0-9]{4}|[0-9]\.[0-9]{3}\.[0-9]{3}-[0-9Kk]|[23][0-9]-[0-9]{8}-|784-(?:19|20)|[0-9]{2}\.[0-9]{2}-[0-9]{3}\.|"
    r"[A-Z]{4}[0-9]{6}[HMX]|[0-9]{5}-[0-9]{7}-|[0-9]{3}-[0-9]{3}-[0-9]{3}[ -][0-9]{2}"
)

_BEHIND_WORDS = (
    _Number("BG_EGN", number("[0-9]{10}"), checks.bg_egn, ("egn", "егн")),
    _Number("CL_RUT", number("[0-9]{7,8}-?[0-9Kk]"), checks.cl_rut, ("rut",)),
    _Number("CZ_BIRTH_NUMBER", number("[0-9]{6}/?[0-9]{3,4}"), checks.cz_birth, ("rodné číslo", "rodne cislo", "birth number")),
    _Number("DK_CPR", number("[0-3][0-9][01][0-9]{3}[- ]?[0-9]{4}"), checks.born_ddmmyy, ("cpr", "cpr-nummer", "personnummer")),
    _Number("GR_AMKA", number("[0-9]{11}"), lambda text: luhn(digits(text)), ("amka", "αμκα")),
    _Number("ID_NIK", number("[1-9][0-9]{15}"), checks.id_nik, ("nik", "ktp", "nomor induk kependudukan")),
    _Number("IE_PPSN", word("[0-9]{7}[A-W][A-IW]?"), checks.ie_ppsn, ("pps", "ppsn", "public service number")),
    _Number("IL_ID", number("[0-9]{9}"), checks.il_id, ("teudat zehut", "israeli id", "תעודת זהות")),
    _Number("IN_VOTER", word("[A-Z]{3}[0-9]{7}"), None, ("voter", "epic")),
    _Number("JP_MY_NUMBER", number("[0-9]{4}([ -]?)[0-9]{4}\\1[0-9]{4}"), checks.jp_my_number,
            ("my number", "mynumber", "individual number", "マイナンバー", "個人番号")),
    _Number("MY_NRIC", number("[0-9]{6}-[0-9]{2}-[0-9]{4}"), checks.my_nric, ("mykad", "nric", "ic number", "ic no")),
    _Number("NO_FNR", number("[0-7][0-9]{5} ?[0-9]{5}"), checks.no_fnr, ("fødselsnummer", "fnr", "personnummer")),
    _Number("PT_NIF", number("[1-3568][0-9]{2}( ?)[0-9]{3}\\1[0-9]{3}"), checks.pt_nif, ("nif", "contribuinte")),
    _Number("RO_CNP", number("[1-9][0-9]{12}"), checks.ro_cnp, ("cnp", "cod numeric personal")),
    _Number("RU_INN", number("[0-9]{12}"), checks.ru_inn, ("inn", "инн")),
    _Number("VN_CCCD", number("0[0-9]{11}"), None, ("cccd", "căn cước", "can cuoc", "citizen identity")),
)  # fmt: skip
_ALL_WORDS = tuple(dict.fromkeys(word for one in _BEHIND_WORDS for word in one.words)) + _ID_WORDS


def more_national_recognizers() -> tuple[EntityRecognizer, ...]:
    """A recognizer for each number, and one for any number that is said to be somebody's."""
    return (
        *(
            CheckedPatternRecognizer(one.entity, [(one.form, STRONG)], name=one.name, gate=[_FORM_GATE], check=one.check)
            for one in _BY_FORM
        ),
        *(
            ContextPatternRecognizer(
                one.entity, [(one.form, _EXPLAINED)], words=one.words, name=one.name, check=one.check, gate_words=_ALL_WORDS
            )
            for one in _BEHIND_WORDS
        ),
        ContextPatternRecognizer(
            "NATIONAL_ID",
            [(word(_ANY_ID), _GENERIC)],
            words=_ID_WORDS,
            name="NationalId",
            gate=("[0-9](?:[A-Z.-]{0,6}[0-9]){4}",),
            before=40,
            gate_words=_ALL_WORDS,
        ),
        ContextPatternRecognizer("NATIONAL_ID", [(word(_NIC), _GENERIC)], words=("nic",), name="Nic", gate=("[0-9]{9}",)),
    )
