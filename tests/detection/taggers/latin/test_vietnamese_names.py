"""Vietnamese names without marks."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.vietnamese_names import vietnamese_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("please call Pham Ha today", "Pham Ha"),
        ("Do Thi Huong Giang wrote", "Do Thi Huong Giang"),
        ("Le Van Long, Hanoi", "Le Van Long"),
        ("请联系Vo Thu，谢谢", "Vo Thu"),
        ("Nguyen Tuan's desk", "Nguyen Tuan"),
        ("Do You know?", ""),
        ("Do It now", ""),
        ("Ho Ho Ho", ""),
        ("Le Monde", ""),
        ("La Paz and Ha Long and Phan Thiet", ""),
        ("To Thanh or not", ""),
        ("Lam The lamb", ""),
        ("Thai Food", ""),
        ("Thai Tea", ""),
    ],
)
def test_names(text: str, name: str) -> None:
    assert "".join(text[tag.start : tag.end] for tag in vietnamese_names(text)) == name
