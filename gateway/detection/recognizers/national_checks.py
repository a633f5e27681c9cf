"""Check digits of national numbers that Presidio does not know; each takes a number with its separators.

Sources are the issuing offices' rules as python-stdnum documents them (https://arthurdejong.org/python-stdnum/).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gateway.detection.recognizers.checksums import luhn
from gateway.detection.recognizers.shapes import digits

_CURP = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
_PPSN = "WABCDEFGHIJKLMNOPQRSTUV"


def ch_ahv(text: str) -> bool:
    """Switzerland's AHV number: an EAN-13."""
    return _weighted(digits(text), (1, 3) * 6 + (1,)) % 10 == 0


def cl_rut(text: str) -> bool:
    """Chile's RUT: weights 2 to 7 from the right, and again; 10 is K."""
    body, check = digits(text[:-1])[::-1], text[-1].upper()
    return "0123456789K0"[11 - _weighted(body, (2, 3, 4, 5, 6, 7, 2, 3)[: len(body)]) % 11] == check


def ar_cuit(text: str) -> bool:
    """Argentina's CUIT and CUIL: modulo 11."""
    number = digits(text)
    return "012345678990"[11 - _weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11] == number[10]


def be_nn(text: str) -> bool:
    """Belgium's national number: 97 minus the first nine digits modulo 97, with a 2 before them for who was born since 2000."""
    number = digits(text)
    return any(97 - int(century + number[:9]) % 97 == int(number[9:]) for century in ("", "2"))


def mx_curp(text: str) -> bool:
    """Mexico's CURP: letters count by their place in the Spanish alphabet, weights 18 to 2."""
    return -sum(_CURP.index(c) * (18 - at) for at, c in enumerate(text[:17])) % 10 == int(text[17])


def ru_snils(text: str) -> bool:
    """Russia's SNILS: weights 9 to 1, modulo 101."""
    number = digits(text)
    return _weighted(number[:9], range(9, 0, -1)) % 101 % 100 == int(number[9:])


def ru_inn(text: str) -> bool:
    """A person's INN in Russia: twelve digits, of which the last two check the others."""
    ends = ((10, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)), (11, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)))
    return all(_weighted(text[:at], weights) % 11 % 10 == int(text[at]) for at, weights in ends)


def ie_ppsn(text: str) -> bool:
    """Ireland's PPSN: weights 8 to 2, a second letter counts nine times; a letter modulo 23."""
    second = (ord(text[8]) - 64) * 9 if len(text) == 9 and text[8] != "W" else 0
    return _PPSN[(_weighted(text[:7], range(8, 1, -1)) + second) % 23] == text[7]


def jp_my_number(text: str) -> bool:
    """Japan's individual number: weights 6 to 2 and 7 to 2, modulo 11."""
    number = digits(text)
    rest = _weighted(number[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(number[11])


def il_id(text: str) -> bool:
    """Israel's identity number: Luhn's sum."""
    return luhn(digits(text))


def no_fnr(text: str) -> bool:
    """Norway's fødselsnummer: two sums that are 0 modulo 11."""
    number = digits(text)
    sums = ((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1))
    return all(_weighted(number[: len(weights)], weights) % 11 == 0 for weights in sums)


def pt_nif(text: str) -> bool:
    """Portugal's NIF: weights 9 to 2, modulo 11."""
    number = digits(text)
    return (11 - _weighted(number[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(number[8])


def ro_cnp(text: str) -> bool:
    """Romania's CNP: modulo 11, where 10 is 1."""
    rest = _weighted(text[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return (1 if rest == 10 else rest) == int(text[12])


def bg_egn(text: str) -> bool:
    """Bulgaria's EGN: modulo 11, where 10 is 0."""
    return _weighted(text[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(text[9])


def cz_birth(text: str) -> bool:
    """Czech and Slovak birth numbers of ten digits (since 1954): divisible by 11."""
    number = digits(text)
    return len(number) == 9 or int(number) % 11 == 0


def born_ddmmyy(text: str) -> bool | None:
    """Denmark's CPR, which has no check digit any more, and Indonesia's NIK behind the place: a date must stand there."""
    day, month = int(text[:2]), int(text[2:4])
    return None if _is_day(day - 40 if day > 40 else day, month) else False


def id_nik(text: str) -> bool | None:
    """Indonesia's NIK: six digits for the place, then a date of birth; for women 40 is added to the day."""
    return born_ddmmyy(text[6:])


def my_nric(text: str) -> bool | None:
    """Malaysia's NRIC begins with a date of birth, the year first."""
    return None if _is_day(int(text[4:6]), int(text[2:4])) else False


def _weighted(number: str, weights: Iterable[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))


def _is_day(day: int, month: int) -> bool:
    """Whether there is such a day in some year."""
    try:
        date(2000, month, day)
    except ValueError:
        return False
    return True
