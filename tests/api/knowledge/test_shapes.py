"""What programs send, as clients of several languages write it."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from gateway.api.knowledge.shapes import AddBatch, AddFile, ChangeStore, DescribeFile, MakeStore, Ranking, Search

FILE = "file-" + 24 * "0"


@pytest.mark.parametrize(
    ("shape", "said", "meant"),
    [
        (Search, {"query": "x", "max_num_results": None, "ranking_options": None, "filters": None}, Search(query="x")),
        (Search, {"query": "x", "ranking_options": {"score_threshold": None}}, Search(query="x", ranking_options=Ranking())),
        (MakeStore, {"name": None, "file_ids": None, "metadata": None, "expires_after": None}, MakeStore()),
        (AddBatch, {"file_ids": [FILE], "files": None}, AddBatch(file_ids=[FILE])),
        (AddFile, {"file_id": FILE, "attributes": None}, AddFile(file_id=FILE)),
    ],
)
def test_null_is_what_was_left_open(shape: type[BaseModel], said: dict[str, Any], meant: BaseModel) -> None:
    assert shape.model_validate(said) == meant


def test_null_takes_away_where_it_can() -> None:
    assert ChangeStore.model_validate({"name": None}).model_fields_set == {"name"}
    assert DescribeFile.model_validate({"attributes": None}).attributes is None
    for shape, said in ((Search, {"query": None}), (AddFile, {"file_id": None}), (DescribeFile, {})):
        with pytest.raises(ValidationError):
            shape.model_validate(said)
