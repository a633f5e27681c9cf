"""Places by their coordinates, and decimals that are none."""

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.coordinates import coordinate_recognizers

_CORE = PresidioDetector(coordinate_recognizers())


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("My coordinates are 40.7128, -74.0060.", ["40.7128, -74.0060"]),
        ("GPS: 51.507351,-0.127758", ["51.507351,-0.127758"]),
        ("位置在31.2304,121.4737附近", ["31.2304,121.4737"]),
        ("meet at 40.7128° N, 74.0060° W", ["40.7128° N, 74.0060° W"]),
        ("40°42'46\"N 74°00'22\"W is the roof", ["40°42'46\"N 74°00'22\"W"]),
        ("drop at 48.8584 N, 2.2945 E tonight", ["48.8584 N, 2.2945 E"]),
        ('{"lat": 51.50735, "lng": -0.12776}', ["51.50735", "-0.12776"]),
        ("坐标：39.9042，116.4074", ["39.9042，116.4074"]),
        ('"coordinates": [-122.4194, 37.7749]', ["-122.4194, 37.7749"]),
        ("GPS 51.5074,-0.1278", ["51.5074,-0.1278"]),
        ("北纬39.9042，东经116.4074", ["39.9042", "116.4074"]),
    ],
)
def test_found(text: str, values: list[str]) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("LOCATION", value) for value in values]


@pytest.mark.parametrize(
    "text",
    [
        "p = 0.0012, 0.9931 and r = 0.7128",
        "weights: [40.7128, -74.0060]",
        "position: 12, 14",
        "the location costs 12.50, 14.99",
        "latitude 123456.789",
        "position: 0.125, 0.500; location weights 0.1234,-0.5678",
        "p50 lat 1.234 ms, lat 12.345s",
        "10.0.0.1, 10.0.0.2 by location",
        "turn by 90° N of here",
    ],
)
def test_left(text: str) -> None:
    assert not _CORE.analyze(text)
