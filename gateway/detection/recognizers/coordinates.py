"""Places by their coordinates (ISO 6709): finer than a postcode, wherever three or more decimals are written."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG, WEAK

_LATITUDE = r"[-+]?(?:[0-8]?[0-9]\.[0-9]{3,15}|90\.0{3,15})"
_LONGITUDE = r"[-+]?(?:(?:1[0-7]|[0-9])?[0-9]\.[0-9]{3,15}|180\.0{3,15})"
_LEFT, _RIGHT = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z]|\.[0-9])"
_APART = "[ ]?[,;/，][ ]?"
_NO_TIME = r"(?![ ]?(?ai:m?s|µs|secs?|seconds?)(?![a-z]))"
"""`lat` is a latency too."""
_STARTS = re.compile(r"[-+0-9](?<![0-9A-Za-z.+-][\s\S])")
_WORDS = (
    *("coordinate", "gps", "latitude", "longitude", "lat", "lon", "lng", "lat/lon", "lat/lng", "geo", "geolocation"),
    *("location", "located at", "position", "waypoint"),
    *("经纬度", "坐标", "座標", "定位", "位置", "纬度", "经度", "緯度", "經度"),
)
_AXES = ("latitude", "longitude", "lat", "lon", "lng", "北纬", "南纬", "东经", "西经", "纬度", "经度", "緯度", "經度")
_SECONDS = r"[0-9]{1,2}(?:\.[0-9]{1,6})?[ ]?(?:[\"″”]|'')[ ]?"
_MINUTES = rf"[0-9]{{1,2}}(?:\.[0-9]{{1,6}})?[ ]?['′’][ ]?(?:{_SECONDS})?"
_DEGREES = rf"[0-9]{{1,3}}(?:\.[0-9]{{3,15}})?[ ]?°[ ]?(?:{_MINUTES})?"
_SHARES = re.compile(r"[-+]?0\.[0-9]+[^0-9]+0\.[0-9]+")
_DECIMALS = r"[0-9]\.[0-9]{3}"


def coordinate_recognizers() -> tuple[EntityRecognizer, ...]:
    """Pairs with the letters of the compass by their form; pairs of decimals, and one of the two, behind a word."""
    degrees = rf"{_DEGREES}[NS][ ]?[,;/]?[ ]?{_DEGREES}[EW]"
    decimals = r"[0-9]{1,2}\.[0-9]{3,15}[ ]?[NS][ ]?[,;/]?[ ]?[0-9]{1,3}\.[0-9]{3,15}[ ]?[EW]"
    return (
        CheckedPatternRecognizer(
            "LOCATION",
            [(rf"{_LEFT}{degrees}(?![A-Za-z0-9])", STRONG)],
            name="Degrees",
            gate=["[0-9] ?°"],
        ),
        CheckedPatternRecognizer(
            "LOCATION",
            [(rf"{_LEFT}{decimals}(?![A-Za-z0-9])", STRONG)],
            name="LetteredCoordinates",
            gate=[_DECIMALS, "[0-9] ?[NS][ ,;/]{0,3}[0-9]"],
        ),
        ContextPatternRecognizer(
            "LOCATION",
            [(rf"{_LEFT}(?:{_LATITUDE}{_APART}{_LONGITUDE}|{_LONGITUDE}{_APART}{_LATITUDE}){_RIGHT}", STRONG)],
            words=_WORDS,
            name="CoordinatePair",
            gate=[_DECIMALS, r"\.[0-9]{3,15} ?[,;/，] ?[-+]?[0-9]{1,3}\.[0-9]{3}"],
            check=_is_no_share,
            starts=_STARTS,
        ),
        ContextPatternRecognizer(
            "LOCATION",
            [(rf"{_LEFT}{_LONGITUDE}{_RIGHT}{_NO_TIME}", WEAK)],
            words=_AXES,
            name="Coordinate",
            gate=[_DECIMALS],
            starts=_STARTS,
            before=24,
        ),
    )


def _is_no_share(pair: str) -> bool | None:
    """Two numbers below one are weights or a place on a screen: on Earth nobody lives there."""
    return False if _SHARES.fullmatch(pair) else None
