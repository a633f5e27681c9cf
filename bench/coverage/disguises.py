"""Values in disguise: what of them is still found. Measured by running the pattern recognizers."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from bench.inline import InlineDetector
from gateway.detection.detect import PresidioDetector
from gateway.obligations import EntityRules, Obligations, OperatorKind
from gateway.redaction.redactor import Redactor

VALUES = MappingProxyType(
    {
        "card": ("Card number {}, please.", "4539148803436467"),
        "Chinese mobile": ("我的手机号是{}，谢谢。", "13812345678"),
        "mail": ("Write to {} today.", "jane.roe@example.com"),
    }
)
"""A sentence and the value that stands in it."""

_FILLER = 250_000
_SMALL = {"a": "а", "e": "е", "o": "о"}


def disguises() -> Mapping[str, Callable[[str], str]]:
    """What is done to a value, by what to call it."""
    return {
        "as it is": str,
        "zero-width space inside": lambda v: f"{v[:5]}\u200b{v[5:]}",
        "zero-width joiner between all characters": "\u200d".join,
        "soft hyphen inside": lambda v: f"{v[:5]}\u00ad{v[5:]}",
        "left-to-right mark inside": lambda v: f"{v[:5]}\u200e{v[5:]}",
        "bidirectional override around": lambda v: f"\u202d{v}\u202c",
        "bidirectional override inside": lambda v: f"{v[:5]}\u202d{v[5:]}\u202c",
        "full-width characters": lambda v: "".join(chr(ord(c) + 0xFEE0) for c in v),
        "Arabic-Indic digits": lambda v: _digits(v, 0x660),
        "mathematical bold digits": lambda v: _digits(v, 0x1D7CE),
        "circled digits": lambda v: "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(c)] if c.isdigit() else c for c in v),
        "keycap emoji for digits": lambda v: "".join(f"{c}\ufe0f\u20e3" if c.isdigit() else c for c in v),
        "homoglyphs (Cyrillic а е о; letter O for 0)": lambda v: "".join(_SMALL.get(c, "O" if c == "0" else c) for c in v),
        "spaced out": " ".join,
        "dotted": ".".join,
        "dashes in groups of four": _grouped,
        "dots in groups of four": lambda v: ".".join(v[n : n + 4] for n in range(0, len(v), 4)),
        "digits as Chinese numerals": lambda v: "".join("〇一二三四五六七八九"[int(c)] if c.isdigit() else c for c in v),
        "'at' and 'dot' in words": lambda v: v.replace("@", " at ").replace(".", " dot "),
        "base64": lambda v: base64.b64encode(v.encode()).decode(),
        "in a sentence in base64": lambda v: base64.b64encode(f"you can have it: {v}".encode()).decode(),
        "base64 twice": lambda v: base64.b64encode(base64.b64encode(v.encode())).decode(),
        "hexadecimal": lambda v: v.encode().hex(),
        "URL-encoded": lambda v: quote(v, safe="").replace(".", "%2E"),
        "every character URL-encoded": lambda v: "".join(f"%{ord(c):02X}" for c in v),
        "every character URL-encoded twice": lambda v: "".join(f"%25{ord(c):02X}" for c in v),
        "HTML entities": lambda v: "".join(f"&#{ord(c)};" for c in v),
        "tags of HTML inside": lambda v: f"{v[:5]}<wbr>{v[5:]}",
        "punctuation escaped, as in Markdown": _in_markdown,
        "letters and digits escaped, as in JSON": lambda v: "".join(f"\\u{ord(c):04x}" for c in v),
        "emoji on both sides": lambda v: f"📞{v}🎉",
        "emoji inside": lambda v: f"{v[:5]}🙂{v[5:]}",
        "combining mark on a character": lambda v: f"{v[:5]}\u0301{v[5:]}",
        "CRLF on both sides": lambda v: f"\r\n{v}\r\n",
        "line break inside": lambda v: f"{v[:5]}\n{v[5:]}",
        "soft line break of quoted-printable inside": lambda v: f"{v[:5]}=\r\n{v[5:]}",
        "in 1 MB without a space": lambda v: f"{'甲,' * _FILLER},{v},{',乙' * _FILLER}",
        "reversed": lambda v: v[::-1],
    }


def outcome(detector: PresidioDetector, name: str, disguise: Callable[[str], str]) -> str:
    """`found`, `partly` or `not found`."""
    frame, value = VALUES[name]
    hidden = disguise(value)
    before, _, after = frame.partition("{}")
    covered = bytearray(len(before) + len(hidden) + len(after))
    for found in detector.analyze(f"{before}{hidden}{after}"):
        covered[found.start : found.end] = b"\1" * (found.end - found.start)
    shown = [at for at, c in enumerate(hidden, len(before)) if c.isalnum() and c not in "甲乙"]
    return _verdict([bool(covered[at]) for at in shown])


def split_outcome(detector: PresidioDetector, name: str, *, messages: bool) -> str:
    """For a value whose halves are two content parts of a message, or two messages."""
    frame, value = VALUES[name]
    before, _, after = frame.partition("{}")
    halves = before + value[:7], value[7:] + after
    sent = asyncio.run(_sent(detector, _chat(halves) if messages else _parts(halves)))
    return _verdict([value[:7] not in sent, value[7:] not in sent])


def _verdict(covered: Sequence[bool]) -> str:
    return "found" if all(covered) else "partly" if any(covered) else "not found"


def _chat(halves: Sequence[str]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": half} for half in halves]}


def _parts(halves: Sequence[str]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": half} for half in halves]}]}


async def _sent(detector: PresidioDetector, body: dict[str, Any]) -> str:
    """What leaves the gateway."""
    placeholders, keep = EntityRules(OperatorKind.PLACEHOLDER), EntityRules(OperatorKind.KEEP)
    redactor = Redactor(InlineDetector(detector), bytes(32))
    inspection = await redactor.inspect(body, Obligations(request=placeholders, reply=keep, restore=False))
    return str((await redactor.redact(inspection, tenant="")).body)


def _digits(value: str, zero: int) -> str:
    return "".join(chr(zero + int(c)) if c.isdigit() else c for c in value)


def _grouped(value: str) -> str:
    return "-".join(value[n : n + 4] for n in range(0, len(value), 4))


def _in_markdown(value: str) -> str:
    return re.sub(r"([-.])", r"\\\1", _grouped(value) if value.isdecimal() else value)
