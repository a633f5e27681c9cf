"""What people asked of an assistant, as Snips' benchmark has it (CC0; Coucke et al. 2018): weather, tables, playlists, films.

Places, owners of lists, restaurants and cinemas are names of ours; titles of books, films, songs and lists are none.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from training.sources.notation import BRACES
from training.sources.written import Source

_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "city": "L", "state": "L", "country": "C", "geographic_poi": "G", "playlist_owner": "P", "restaurant_name": "O",
        "location_name": "O",
    }
)  # fmt: skip
_UNSURE = frozenset(("artist", "service", "poi", "party_size_description"))
"""Slots that hold people, bands, firms or just words: commands with these are left out."""
_OWN = frozenset(("my", "our", "the", "your"))
_FEW = 500
"""So many of each kind of command: they are much alike."""


def commands(content: bytes, chance: random.Random) -> Iterator[str]:
    """A choice of those in a file of one kind, in the notation of `training.marks`."""
    (several,) = json.loads(content.decode("utf-8", "replace")).values()
    known = [one["data"] for one in several if not any(piece.get("entity") in _UNSURE for piece in one["data"])]
    for pieces in chance.sample(known, min(_FEW, len(known))):
        yield "".join(map(_marked, pieces)).strip()


def _marked(piece: Mapping[str, Any]) -> str:
    text = str(piece["text"]).translate(BRACES).replace("\\", "/").replace("\ufffd", "")
    kind = _KINDS.get(piece.get("entity", ""), "")
    name = text.strip()
    behind = ""
    if kind == "P" and name[-2:] in ("'s", "’s"):
        name, behind = name[:-2], name[-2:]
    if not kind or not name or (kind == "P" and name.lower() in _OWN):
        return text
    before, _, after = text.partition(text.strip())
    return f"{before}{{{kind}:{name}}}{behind}{after}"


_FOLDER = "2017-06-custom-intent-engines"
COMMANDS = Source(
    "sonos/nlu-benchmark",
    "b86ac7f1577868c42158d0dec77db50956046696",
    MappingProxyType(
        {
            f"{_FOLDER}/{kind}/train_{kind}_full.json": digest
            for kind, digest in {
                "AddToPlaylist": "fee1b4645352e70ed8a40f1f87c3b53fc3bf75f8ebc82252a22b82c107e75b01",
                "BookRestaurant": "7677e82cd6e9a8191f0a4502568c786278c984900b4796d3628e46f1abf73ef4",
                "GetWeather": "86f414b2ad8a993134d85d16e25e5d337beae47cef993c0af2a5f440405c60f6",
                "PlayMusic": "901ddbe9781d1fdb8196e789c543f80df3d29ca6e237da64947905adcc0312e4",
                "RateBook": "bb43e4b74134300d5766f6b420d0357a63402987a225f6dc92c806c9c040ce04",
                "SearchCreativeWork": "87b3432de48c71c205aa5238b41d9e3f2d70bdfcd0bea2427544fb9e4bd5e5bb",
                "SearchScreeningEvent": "5447e9440c02e2fb08c3ae16b9f58a4d1332b4bc77fd34691402b02aa4399765",
            }.items()
        }
    ),
    commands,
)
