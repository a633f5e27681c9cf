r"""What stands behind backslashes: of Markdown (`a\_b@example\.com`), of strings in JSON and code (`\u5f20`, `\xe5`, `\nJohn`).

Models and wikis write the former; whoever pastes a record, a log or a tool's answer has the latter. Backslashes themselves may
be escaped, once or twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.readings.normalise import readable
from gateway.detection.readings.reading import Edit, Rewrite

_SLASHES = r"(?<!\\)\\++"
_MARK = r"[-+._@()/'\"#:&~]"
"""What values have in them, of the punctuation that CommonMark (0.31.2, 2.4) lets be escaped."""
_WHITE = f"{_SLASHES}[nrt]"
_BREAK = rf"(?<=[.,!?;])(?:{_WHITE})+|(?:{_WHITE}){{2,}}|{_WHITE}(?![a-z])"
r"""A single one before a small letter may as well be the beginning of a folder (`C:\reports`) or of a command (`\noindent`)."""
_SURROGATES = rf"{_SLASHES}u[Dd][89ABab][0-9A-Fa-f]{{2}}{_SLASHES}u[Dd][C-Fc-f][0-9A-Fa-f]{{2}}"
_UNIT = rf"(?<!-){_SLASHES}u[0-9A-Fa-f]{{4}}(?!-\\)"
r"""Not a border of a range of characters (`[\u4e00-\u9fff]`)."""
_BYTE = f"{_SLASHES}x[0-9A-Fa-f]{{2}}"
_ESCAPE = re.compile(f"(?P<mark>{_SLASHES}{_MARK})|(?P<break>{_BREAK})|(?P<unit>{_SURROGATES}|{_UNIT})|(?P<bytes>(?:{_BYTE})+)")
_CODE = re.compile("[ux]([0-9A-Fa-f]+)")
_BYTE_CODE = re.compile(_BYTE)
_WORTH_READING = (  # quotation marks alone hide no value
    r"[\pL\pN]\\+(?:[-._@+/][\pL\pN]|'\p{Lu})",
    r"\\+[+(][0-9]",
    r"\\+[nrt][ *>-]*[\p{Lu}\pN\p{Han}+(]",
    r"\\+(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})",
)


def unescaping_rewrite() -> Rewrite:
    """One level, however often its backslashes are escaped."""
    return Rewrite("|".join(_WORTH_READING), _unescaped)


def _unescaped(text: str) -> Iterator[Edit]:
    for match in _ESCAPE.finditer(text):
        if match["bytes"] is None:
            yield match.start(), match.end(), _meant(match)
        else:
            yield from _bytes_decoded(match)


def _meant(match: re.Match[str]) -> str:
    if match["mark"] is not None:
        return match[0][-1]
    if match["break"] is not None:
        return "\n" if "n" in match[0] or "r" in match[0] else "\t"
    units = b"".join(map(bytes.fromhex, _CODE.findall(match[0])))
    return readable(units.decode("utf-16-be", "surrogatepass"))


def _bytes_decoded(run: re.Match[str]) -> Iterator[Edit]:
    """Character by character; a run that is no UTF-8 stays as it is."""
    codes = list(_BYTE_CODE.finditer(run[0]))
    try:
        decoded = bytes.fromhex("".join(code[0][-2:] for code in codes)).decode()
    except UnicodeDecodeError:
        return
    at = 0
    for character in decoded:
        last = at + len(character.encode())
        yield run.start() + codes[at].start(), run.start() + codes[last - 1].end(), readable(character)
        at = last
