"""Addresses of machines: IP and MAC."""

from __future__ import annotations

import ipaddress
import re

from presidio_analyzer import EntityRecognizer
from presidio_analyzer.predefined_recognizers import IpRecognizer, MacAddressRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.forms import NotAfter
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, presidio_check
from gateway.detection.recognizers.shapes import STRONG

_IPV4 = r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_H = "[0-9A-Fa-f]{1,4}"
_IPV6 = "|".join(
    [
        rf"(?:{_H}:){{6}}{_IPV4}",
        rf"::(?:ffff:)?{_IPV4}",
        rf"(?:{_H}:){{7}}{_H}",
        *(rf"(?:{_H}:){{1,{n}}}(?::{_H}){{1,{7 - n}}}" for n in range(6, 0, -1)),
        rf"(?:{_H}:){{2,7}}:",
        rf":(?::{_H}){{2,7}}",
    ]
)
_GLUED = "|".join(
    [
        r"(?<=[\])\"'`\u4e00-\u9fff]:)",
        *(rf"(?<=[G-Zg-z][0-9A-Fa-f]{{{n}}}:)" for n in range(5)),
    ]
)
"""The colon of a label right before an address, whose word cannot be a group of the address: `ip:2001:…`, `IPv6:2001:…`."""
_NUMBERED = (r"(?ai:(?<![a-z])(?:version|ver|v|firmware|build|revision|rev|sdk|kernel|section|sec|clause|chapter|oid)s?"
             r"|(?:upgraded?|downgraded?)(?: from| to))|[§^~]|(?:版本|固件|内核|构建|升级到|升级至|第)(?:号|號)?")  # fmt: skip
_IS = r"\.?(?: ?(?:number|no\.?))?[\"'`*]{0,2}[ \t]?(?:[:=：]|(?:is|was)(?![a-z])|是|为|為)?[ \t]?[\"'`*]{0,2}"
_RANGE = r"(?:[0-9]+(?:\.[0-9]+){1,4}[\"'`]?(?: ?[-–→] ?| to |到|至)[\"'`]?)?"
_PRODUCT = r"(?<![A-Za-z0-9./-])(?!Host|Ip|Address|Server|Gateway|Client|Peer)(?:[A-Z][a-z]+[A-Za-z]{0,20}|OPR|curl|nginx)/"
_PINNED = r"(?<![A-Za-z0-9._-])(?!(?:ip|addr|address|host|src|dst|server|peer)=)[A-Za-z][A-Za-z0-9_-]{0,40}(?:==|~=|>=|<=)"
_VERSION = NotAfter(re.compile(rf"(?:(?:{_NUMBERED}){_IS}{_RANGE}|{_PRODUCT}|{_PINNED})\Z"), 96)
"""Four numbers may also be a version: behind a word that says so, in a user agent (`Chrome/119.0.0.0`), pinned (`name==`)."""


def network_recognizers() -> tuple[EntityRecognizer, ...]:
    """By form; what has to be said of an address is said by how it is written."""
    mac = r"[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
    is_address = presidio_check(IpRecognizer())

    def check(text: str) -> bool | None:
        return is_address(text) is not False and _somebodys_address(text)

    v4 = rf"(?<![A-Za-z0-9.])(?:{_IPV4})(?:/[0-9]{{1,2}})?(?![A-Za-z0-9]|\.[0-9])"
    begins = rf"(?:(?<![A-Za-z0-9_:.])|(?:{_GLUED})(?=[0-9A-Fa-f])|(?<=(?<![A-Za-z])IP)|(?<=IPv6))"
    v6 = rf"{begins}(?:{_IPV6})(?:%[0-9a-zA-Z]{{1,16}})?(?:/[0-9]{{1,3}})?(?![A-Za-z0-9_:]|\.[0-9])"
    return (
        CheckedPatternRecognizer(
            "IP_ADDRESS",
            [(v4, STRONG)],
            name="IpAddress",
            gate=[r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]"],
            check=check,
            not_after=_VERSION,
            starts=Places(r"(?:[0-9]{1,3}\.){3}[0-9]"),
        ),
        CheckedPatternRecognizer(
            "IP_ADDRESS",
            [(v6, STRONG)],
            name="Ipv6Address",
            gate=[":[0-9A-Fa-f]{0,4}:"],
            check=check,
            starts=Places("[0-9A-Fa-f]{1,4}:|::"),
        ),
        CheckedPatternRecognizer(
            "MAC_ADDRESS",
            [(rf"(?:(?<![A-Za-z0-9])|(?<=(?<![A-Za-z])MAC))(?:{mac})(?![A-Za-z0-9])", STRONG)],
            name="MacAddress",
            gate=[r"[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\."],
            check=presidio_check(MacAddressRecognizer()),
        ),
    )


def _somebodys_address(text: str) -> bool:
    """Loopback, unspecified and netmask-like addresses name nobody; `dead::beef` without a digit and `0::2` are rather code."""
    if not any(c.isdigit() for c in text):
        return False
    address = ipaddress.ip_interface(text).ip
    if address.version == 6 and max(map(len, text.split("/")[0].split(":"))) < 3:
        return False
    return not (address.is_loopback or address.is_unspecified or text.startswith(("255.", "0.")))
