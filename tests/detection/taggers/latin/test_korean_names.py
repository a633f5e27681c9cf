"""Korean names in Latin letters."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.korean_names import korean_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Lim Bo-ra today.", "Lim Bo-ra"),
        ("Lee Min-ho's desk", "Lee Min-ho"),
        ("for Park, Seung-hyun (Seoul)", "Park, Seung-hyun"),
        ("signed: Young-hee Kwon", "Young-hee Kwon"),
        ("韩国同事Hwang Tae-hyung说", "Hwang Tae-hyung"),
        ("ask Seo-yeon whether", "Seo-yeon"),
        ("Dong-min: reliable", "Dong-min"),
        ("Hip-hop, Ping-pong, Re-map, No-op", ""),
        ("a Park Ji-run firm", ""),
        ("Lee Bo-bo laughed", ""),
        ("Han Solo-like", ""),
        ("In Hang-out mode", ""),
        ("Park Row-house", ""),
        ("UTF-8 and so-on", ""),
    ],
)
def test_names(text: str, name: str) -> None:
    assert "".join(text[tag.start : tag.end] for tag in korean_names(text)) == name
