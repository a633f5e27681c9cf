from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import UninspectableContent
from gateway.protocol.wire import ContentKind
from gateway.redaction.refusals import refuse_opaque

CALL = {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "cntr_1", "outputs": []}
SEARCH = {"type": "file_search", "vector_store_ids": ["vs_1"]}


def refused(body: dict[str, Any]) -> UninspectableContent:
    with pytest.raises(UninspectableContent) as caught:
        refuse_opaque(body, frozenset())
    return caught.value


def test_of_an_earlier_answer_it_is_said_which_item_to_leave_out() -> None:
    """Who sends back an answer that ran code has nothing of its own to send as text."""
    error = refused({"input": [{"role": "user", "content": "hi"}, CALL]})
    assert "This item (input.1), a call" in str(error)
    assert str(error).endswith("Leave the item out.")
    assert error.param == "input.1.container_id"
    assert "cntr_1" not in str(error)


def test_who_is_granted_no_documents_is_told_which_rule_would() -> None:
    """Nobody can say whether the store is one of ours: who may not see it must not learn that."""
    error = refused({"tools": [{"type": "web_search"}, SEARCH]})
    assert str(error).startswith("No rule gives you documents to answer from (knowledge.collections)")
    assert error.param == "tools.1.vector_store_ids"
    assert "vs_1" not in str(error)
    with pytest.raises(UninspectableContent, match="a backend keeps"):
        refuse_opaque({"tools": [SEARCH]}, frozenset(), documents=True)


OTHER = {"type": "code_interpreter", "container": "cntr_1"}


@pytest.mark.parametrize("body", [{"tools": [OTHER]}, {"input": [{"type": "search", "vector_store_ids": ["vs_1"]}]}])
def test_what_else_names_something_stored_is_to_be_sent_as_text(body: dict[str, Any]) -> None:
    assert "Send its text instead." in str(refused(body))


def test_what_is_let_through_is_not_refused() -> None:
    refuse_opaque({"input": [CALL]}, frozenset({ContentKind.STORED}))
