"""What stands in a column of a table, by the words at its head."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from gateway.detection.recognizers.usernames import is_somebodys_name

_L = r"A-Za-z\u00c0-\u024f\u1e00-\u1eff\u0370-\u052f"
_NOTHING = (
    r"(?!(?ai:n/?a|none|null|nil|true|false|yes|no|unknown|undisclosed|tb[acd]|string|str|text|varchar.*|char|int|integer|bool|"
    r"boolean|number|date|datetime|timestamp|float|decimal|required|optional|primary key|foreign key|not null|value|example|"
    r"redacted|anonymous|(?:grand |sub ?)?total|average|mean|median|sum|x{2,}|-+)\Z)"
)
"""Of a cell: it neither says that nothing is in it nor what would be."""
_NAME = rf"{_NOTHING}[{_L}][{_L}'’.-]{{0,24}}(?:,? [{_L}'’.(-][{_L}'’.)-]{{0,24}}){{0,4}}"
_SMALL = "(?:(?:van|von|der|den|de|da|di|del|la|le|bin|al|el|dos|do|y|e) ){0,2}"
_PROPER = rf"{_NOTHING}(?=[^\Wa-z_])[{_L}][{_L}'’.-]{{0,24}}(?:,? {_SMALL}(?=[^\Wa-z_]|[(])[{_L}(][{_L}'’.)-]{{0,24}}){{0,4}}"
"""Where the head alone says too little, a name is written in capitals."""
_HAN_NAME = r"[\u3400-\u9fff·•]{2,12}"
_PLACE = rf"{_NOTHING}(?=.{{0,40}}[{_L}])[{_L}0-9#][{_L}0-9 '’.,;/#&()-]{{1,79}}"
_ADDRESS = rf"(?=.{{0,78}} )(?=.{{0,40}}[0-9A-Z]){_PLACE}"
_CODE = r"(?=(?:.{0,12}?[0-9]){3})[A-Za-z0-9]{1,16}(?:[ ./_-][A-Za-z0-9]{1,12}){0,4}"
_PAPER = r"(?=(?:.{0,4}?[0-9]){5})[A-Za-z0-9]{1,18}(?:[ ./-][A-Za-z0-9]{1,12}){0,4}"
_PHONE = r"(?=(?:.{0,3}?[0-9]){6})[+(]{0,2}[0-9][0-9 ()./-]{5,24}(?: ?(?ai:x|ext\.?) ?[0-9]{1,6})?"
_DATE = r"[0-9]{1,4}([-/. ])(?:[0-9]{1,2}|[A-Za-z]{3,9})\1[0-9]{2,4}"
_ACCOUNT = r"(?=(?:.{0,2}?[0-9]){6})[0-9]{2,17}(?:[ -][0-9]{2,6}){0,4}"
_CARD = r"[0-9]{4}(?:[ -]?[0-9]{4}){2}[ -]?[0-9]{3,7}|[0-9]{15}"
_PLATE = r"(?=.{0,8}[0-9])[A-Z0-9]{1,7}(?:[ -][A-Z0-9]{1,5}){0,2}"

_NO = "(?: (?:id|no|nos|nr|num|number|code)| ?#)"
_HAS_NO = "(?: no| number)?"
_PATIENTS = "patient|student|pupil|employee|passenger|tenant|guardian|nurse|next of kin|applicant"
_WHOSE = (
    f"{_PATIENTS}|customer|client|staff|guest|contact|candidate|member|parent|teacher|manager|owner|driver|beneficiary|recipient|"
    "payee|account holder|card ?holder|insured|doctor|emergency contact|volunteer|resident|user|supervisor"
)
_LINE = f"(?:home|work|office|mobile|cell|daytime|evening|primary|secondary|{_WHOSE})"
_POSTAL = "(?:home|postal|mailing|billing|shipping|delivery|permanent|current|residential|street)"


@dataclass(frozen=True, slots=True)
class Column:
    """An entity, the words at the heads of its columns (expressions, in small letters), and the form of their cells."""

    entity: str
    heads: tuple[str, ...]
    cell: str
    check: Callable[[str], bool | None] = lambda _: None


_COLUMNS = (
    Column(
        "USERNAME",
        ("user ?name", "user", "log ?in(?: name| id)?", "user login", "screen ?name", "handle", "nick ?names?", "account name"),
        r"(?=.{0,40}[A-Za-z])@?[A-Za-z0-9][A-Za-z0-9_.-]{1,39}",
        is_somebodys_name,
    ),
    Column(
        "PERSON",
        (
            f"(?:first|last|given|family|middle|maiden|full|sur|fore|birth|(?:{_WHOSE})(?: (?:first|last|full))?) ?names?",
            *("surname", "[fl] ?name", "vorname", "nachname", "familienname", "pr[ée]nom", "nombre", "apellidos?", "cognome"),
            *("voornaam", "achternaam", "imi[ęe]", "nazwisko", "förnamn", "efternamn", "sobrenome"),
        ),
        f"{_NAME}|{_HAN_NAME}",
    ),
    Column("PERSON", (_PATIENTS, "attendee", "spouse", "interviewee"), f"{_PROPER}|{_HAN_NAME}"),
    Column(
        "PHONE_NUMBER",
        (
            f"(?:{_LINE} )?(?:tele)?(?:phone|tel|mobile|cell|cell ?phone|fax|whatsapp)(?: ?(?:no|number|num|#))?",
            *("t[ée]l[ée]phone", "telefon[oe]?", "teléfono", "telefoon", "m[óo]vil", "celular", "handy"),
        ),
        _PHONE,
    ),
    Column(
        "DATE_TIME",
        (
            *("dob", "d o b", "date of birth", "birth ?da(?:te|y)", "born", "date of death", "died", "hire date"),
            *("admission date", "discharge date", "geburtsdatum", "date de naissance", "fecha de nacimiento"),
            *("data de nascimento", "data di nascita", "geboortedatum"),
        ),
        _DATE,
    ),
    Column("US_SSN", ("ssn", f"social security{_HAS_NO}"), r"[0-9]{3}[- .]?[0-9]{2}[- .]?[0-9]{4}"),
    Column("PASSPORT_NUMBER", (f"passport{_HAS_NO}", "ppt"), r"(?=(?:[A-Z]{0,4}[0-9]){4})[A-Z0-9]{6,10}"),
    Column("DRIVER_LICENSE", (f"(?:driver'?s?|driving) licen[cs]e{_HAS_NO}", f"dl{_HAS_NO}"), _CODE),
    Column(
        "VEHICLE_REGISTRATION",
        (f"(?:(?:licen[cs]e|number|vehicle) )?plates?{_HAS_NO}", "vehicle reg(?:istration)?", "reg no", "vrn"),
        _PLATE,
    ),
    Column("MEDICAL_RECORD_NUMBER", ("mrn", f"medical record{_NO}?", f"(?:patient|chart){_NO}"), _CODE),
    Column("HEALTH_PLAN_NUMBER", (f"(?:insurance|policy|subscriber|health plan){_NO}",), _CODE),
    Column("US_BANK_NUMBER", (f"(?:bank )?(?:account|acct){_NO}?",), _ACCOUNT),
    Column("UK_SORT_CODE", ("(?:bank |branch )?sort ?code",), "[0-9]{2}([ -]?)[0-9]{2}\\1[0-9]{2}"),
    Column("CREDIT_CARD", (f"(?:credit |debit )?card{_NO}?", "pan"), _CARD),
    Column("SECURITY_CODE", ("cvv2?", "cvc2?", "pin(?: code| no| number)?"), "[0-9]{3,6}"),
    Column(
        "PERSON_ID",
        (f"(?:{_WHOSE}|emp|personnel|payroll|badge|matric(?:ulation)?|enrol?ment|membership|loyalty){_NO}",),
        _CODE,
    ),
    Column(
        "NATIONAL_ID",
        (
            *(
                f"national (?:id|identity|insurance){_HAS_NO}",
                "id (?:card )?(?:no|number)",
                "nric",
                "nik",
                "aadhaar",
                "cpf",
                "curp",
            ),
            *("pesel", "tckn", "cnic", "nin", "bsn", "dni", "cnp", "egn", "amka", "nino"),
        ),
        _PAPER,
    ),
    Column("DEVICE_ID", ("imei", f"serial{_NO}?", "device id"), r"(?=(?:.{0,8}?[0-9]){2})[A-Za-z0-9-]{6,24}"),
    Column(
        "SECRET",
        ("pass ?words?", "pass ?phrases?", "passwd", "pwd", "passwort", "mot de passe", "contraseña", "senha"),
        rf"{_NOTHING}(?![A-Z]?[a-z]+\Z|[*•.]+\Z)\S{{4,64}}",
    ),
    Column("LOCATION", (f"(?:{_POSTAL} )?address(?: line)?(?: ?[1-3])?",), _ADDRESS),
    Column(
        "LOCATION",
        (
            *("street", "street name", "city", "town", "village", "suburb", "county", "birth ?place", "place of birth"),
            *("residence", "home ?town", "stra(?:ß|ss)e", "ort", "wohnort", "stadt", "ville", "adresse", "direcci[óo]n"),
            *("ciudad", "calle", "indirizzo", "città", "adres", "cidade", "endereço"),
        ),
        _PLACE,
    ),
    Column(
        "LOCATION",
        ("zip(?: ?code)?", "post ?code", "postal code", "plz"),
        r"(?=.{0,6}[0-9])[A-Za-z0-9]{2,6}(?:[ -][A-Za-z0-9]{2,4})?",
    ),
    Column(
        "ORGANIZATION",
        ("(?:company|employer|organi[sz]ation|school|hospital|university)(?: name)?",),
        rf"(?=[^a-z]){_PLACE}",
    ),
    Column(
        "NRP",
        ("nationality", "citizenship", "ethnicity", "ethnic group", "religion", "denomination"),
        rf"(?=[A-Z]){_NAME}",
    ),
)
ENTITIES = tuple(sorted({one.entity for one in _COLUMNS}))
HEADS = tuple(head for one in _COLUMNS for head in one.heads)
_NAME_HEAD = re.compile("names?|first|last|given|nom")
_SPEAKS_OF_PEOPLE = re.compile(
    f"e-?mails?(?: address)?|age|gender|sex|salary|wage|grade|job title|position|title|role|department|dept|hired|"
    f"start(?: date)?|marital status|"
    f"(?:{_WHOSE}).*|.*phone.*|mobile|tel|ssn|dob|.*birth.*|user ?name|nationality|diagnosis|dx|mrn|shift|team"
)
_SIGNS = re.compile(r"[_\-./]+|(?<=[a-z])(?=[A-Z])|[^\S ]+")


@dataclass(frozen=True, slots=True)
class Reads:
    """What the cells of one column are, and their form."""

    column: Column
    form: re.Pattern[str]

    @classmethod
    def of(cls, column: Column) -> Reads:
        return cls(column, re.compile(column.cell))

    def holds(self, text: str, start: int, end: int) -> bool:
        """Whether what stands there is such a cell."""
        cell = self.form.fullmatch(text, start, end)
        return cell is not None and self.column.check(cell[0]) is not False


_BY_HEAD = [(re.compile("|".join(one.heads)), Reads.of(one)) for one in _COLUMNS]
_OF_PEOPLE = Reads.of(Column("PERSON", (), f"{_PROPER}|{_HAN_NAME}"))


def read_heads(heads: Sequence[str]) -> list[Reads | None]:
    """For each head what its column has; None where nothing is known of it, or nothing personal.

    `name` says that people are listed only where another head speaks of people.
    """
    plain = [_plain(head) for head in heads]
    reads = [_reads(head) for head in plain]
    named = [at for at, head in enumerate(plain) if _NAME_HEAD.fullmatch(head)]
    others = (head for at, head in enumerate(plain) if at not in named)
    people = any(one is not None and one.column.entity == "PERSON" for one in reads)
    if len(named) > 1 or (named and (people or any(map(_SPEAKS_OF_PEOPLE.fullmatch, others)))):
        for at in named:
            reads[at] = _OF_PEOPLE
    return reads


def any_known(reads: Iterable[Reads | None]) -> bool:
    """Whether some column has something personal."""
    return any(one is not None for one in reads)


def _reads(head: str) -> Reads | None:
    return next((reads for regex, reads in _BY_HEAD if regex.fullmatch(head)), None)


def _plain(head: str) -> str:
    """`customer_first-Name:` is `customer first name`."""
    return _SIGNS.sub(" ", head).strip(" :*`'\"").lower()
