"""The data card: what a data set is made of, beside it. Pure.

Its counts are exact, so it is as confidential as the data set itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from gateway.dp.budget import Unit
from gateway.errors import InvalidRequest

FORMAT = "privacy-gateway-dataset/1"
DEDUPLICATION = "within a unit: equal after NFKC, case folding and collapsed white space; of a chat the newest turn"
REASONS: Mapping[str, str] = {
    "other_purpose": "were for another purpose",
    "no_consent": "have no reference to a consent",
    "not_completed": "did not end well",
    "not_kept": "have no content, for policy kept none",
    "erased": "were erased, or have no reply that was kept",
    "disapproved": "got a thumb down, or a correction that names somebody",
    "not_a_chat": "are no plain chats: tools, several answers, embeddings, moderations",
    "earlier_turns": "are earlier turns of a chat that is there",
    "duplicates": "repeat another of the same unit",
    "over_the_cap": "are beyond what one unit may add",
}
"""Why exchanges are not in a data set, in the order in which they are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCard:
    """`left_out` counts exchanges by reason; `corrected` those whose answer is the caller's correction. `sha256` is of the file
    of examples.
    """

    tenant: str
    data_set: str
    since: str
    until: str
    purposes: tuple[str, ...]
    unit: Unit
    per_unit: int
    units: int
    examples: int
    exchanges: int
    corrected: int
    left_out: Mapping[str, int]
    policy_version: str
    made_at: str
    sha256: str
    deduplication: str = DEDUPLICATION
    format: str = FORMAT

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read_card(raw: bytes) -> DataCard:
    """Raises InvalidRequest."""
    try:
        said: dict[str, Any] = orjson.loads(raw)
        known = said["format"] == FORMAT
        card = DataCard(**said | {"unit": Unit(said["unit"]), "purposes": tuple(said["purposes"])})
    except (ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise InvalidRequest("The data card is none that this version can read.", param="dataset")
    return card
