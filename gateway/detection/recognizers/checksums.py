"""Check digits that Presidio does not have: of Chinese identifiers and of some others."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DOUBLED = str.maketrans("0123456789", "0246813579")
"""A digit twice, as the sum of its digits."""
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN_VALUES = "12345678012345070923456789"
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_TW_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_PROVINCES = frozenset(
    str(n) for block in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for n in range(block[0], block[1] + 1)
)  # fmt: skip


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1 Annex B, for card numbers whose shape Presidio's card recognizer does not know."""
    return (sum(map(int, number[::-2])) + sum(map(int, number[-2::-2].translate(_DOUBLED)))) % 10 == 0


def resident_id(number: str) -> bool:
    """GB 11643-1999: province, date of birth, and ISO 7064 MOD 11-2 over 18 characters."""
    number = number.upper()
    return resident_id_shape(number) and resident_id_check(number[:17]) == number[17]


def resident_id_check(first17: str) -> str:
    """The 18th character for the first 17 digits."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _ID_WEIGHTS, strict=True)) % 11]


def resident_id_shape(number: str) -> bool:
    """A known province and a real date of birth: the 18-character form, or the 15-digit form issued until 1999."""
    if re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        born = number[6:14]
    elif re.fullmatch(r"[0-9]{15}", number):
        born = "19" + number[6:12]
    else:
        return False
    return number[:2] in _PROVINCES and _is_date(born)


def _is_date(yyyymmdd: str) -> bool:
    try:
        born = date(int(yyyymmdd[:4]), int(yyyymmdd[4:6]), int(yyyymmdd[6:]))
    except ValueError:
        return False
    return 1850 <= born.year <= datetime.now(UTC).year + 1


def social_credit_code(code: str) -> bool:
    """GB 32100-2015: 18 characters of a 31-letter alphabet; the weights are the powers of 3 modulo 31."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return False
    total = sum(_USCC_ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(code[:17]))
    return _USCC_ALPHABET[-total % 31] == code[17]


def hong_kong_id(text: str) -> bool:
    """HKID: letters A=10 ... Z=35, a missing first letter 36, weights 9 to 2; with the check digit 0 mod 11."""
    found = re.fullmatch(r"([A-Z]{1,2})([0-9]{6})\(?([0-9A])\)?", text.upper())
    if found is None:
        return False
    letters, body, check = found.groups()
    values = [36] * (2 - len(letters)) + [ord(c) - 55 for c in letters] + [int(d) for d in body]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(check, 16)) % 11 == 0


def taiwan_id(text: str) -> bool:
    """ROC national and resident certificate numbers: the letter is two digits, weights 1, 9, 8, ... 1, 1; 0 mod 10.

    Resident certificates since 2021 have 8 or 9 in second place (National Immigration Agency).
    """
    text = text.upper()
    if not re.fullmatch(r"[A-Z][1289][0-9]{8}", text):
        return False
    values = [*divmod(_TW_LETTERS.index(text[0]) + 10, 10), *map(int, text[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) % 10 == 0


def vehicle_number(text: str) -> bool:
    """Vehicle identification numbers with the check digit of 49 CFR 565.15; letters and digits both occur."""
    if text.isdigit() or text.isalpha():
        return False
    values = (int(_VIN_VALUES[ord(c) - 65]) if c.isalpha() else int(c) for c in text)
    remainder = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return text[8] == "0123456789X"[remainder]


def sg_nric(text: str) -> bool:
    """Singapore's NRIC and FIN: weights 2, 7, 6, 5, 4, 3, 2; T and G add 4, M adds 3; a letter modulo 11."""
    text = text.upper()
    offset = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}[text[0]]
    remainder = (offset + sum(int(d) * w for d, w in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))) % 11
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}.get(text[0], "XWUTRQPNMLK")
    return text[8] == (letters[10 - remainder] if text[0] == "M" else letters[remainder])


def fr_nir(text: str) -> bool:
    """France's NIR: the key is 97 minus the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    plain = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return int(plain[13:]) == 97 - int(plain[:13]) % 97


def nl_bsn(text: str) -> bool:
    """The Netherlands' BSN: weights 9 to 2 and -1; 0 modulo 11."""
    return text != "000000000" and sum(int(d) * w for d, w in zip(text, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0


def br_cpf(text: str) -> bool:
    """Brazil's CPF: two check digits modulo 11 with weights that grow by one to the left; not all digits the same."""
    values = [int(d) for d in text if d.isdigit()]
    return len(set(values)) > 1 and all(
        values[n] == sum(v * (n + 1 - at) for at, v in enumerate(values[:n])) * 10 % 11 % 10 for n in (9, 10)
    )
