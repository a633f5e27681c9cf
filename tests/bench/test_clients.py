"""The model that stands behind the clients, and the search for what it should not have heard."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.clients.__main__ import Tried, leaked, main
from bench.clients.model import answer, filled

ASKED = "Please write to <PERSON_1> (<EMAIL_ADDRESS_1>)."
LETTER = {"type": "object", "properties": {"to": {"type": "string"}, "mail": {"type": "string"}}}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "send_mail", "parameters": LETTER}}
USER = {"role": "user", "content": ASKED}


def test_it_calls_a_tool_once_with_whom_it_was_told_of() -> None:
    said = answer({"messages": [USER], "tools": [TOOL]})
    assert (said.tool, json.loads(said.arguments)) == ("send_mail", {"to": "<PERSON_1>", "mail": "<EMAIL_ADDRESS_1>"})
    result = {"role": "tool", "tool_call_id": "1", "content": "sent"}
    assert answer({"messages": [USER, result], "tools": [TOOL]}).text == "Done: sent"


def test_so_it_does_in_responses() -> None:
    tools = [{"type": "function", "name": "send_mail", "parameters": LETTER}, {"type": "web_search"}]
    said = answer({"input": ASKED, "tools": tools})
    assert (said.tool, json.loads(said.arguments)["to"]) == ("send_mail", "<PERSON_1>")
    result = {"type": "function_call_output", "call_id": "1", "output": "sent"}
    assert answer({"input": [USER, result], "tools": tools}).text == "Done: sent"


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": [USER], "response_format": {"type": "json_schema", "json_schema": {"schema": LETTER}}},
        {"input": ASKED, "text": {"format": {"type": "json_schema", "schema": LETTER}}},
    ],
)
def test_it_fills_in_a_schema(asked: dict[str, Any]) -> None:
    assert json.loads(answer(asked).text) == {"to": "<PERSON_1>", "mail": "<EMAIL_ADDRESS_1>"}


def test_schemas_of_all_kinds() -> None:
    schema = {
        "properties": {
            "name": {"$ref": "#/$defs/Name"},
            "ages": {"type": "array", "items": {"type": "integer"}},
            "kind": {"enum": ["a", "b"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "$defs": {"Name": {"type": "string"}},
    }
    assert filled(schema, ASKED) == {"name": "<PERSON_1>", "ages": [1], "kind": "a", "note": ASKED}


def test_of_a_schema_that_requires_some_fields_it_fills_in_these() -> None:
    assert filled({**LETTER, "required": ["to"]}, ASKED) == {"to": "<PERSON_1>"}


@pytest.mark.parametrize("heard", ["张伟", json.dumps("张伟"), json.dumps(json.dumps("张伟"))])
def test_a_name_is_found_however_often_it_is_escaped(heard: str) -> None:
    assert leaked([b"GET /v1/models", heard.encode()]) == ["张伟"]
    assert leaked([ASKED.encode()]) == []


def test_a_fault_of_one_case_is_the_clients() -> None:
    tried = Tried("a")
    for line in ("noise", '@@{"versions": {"a": "1.0"}}', '@@{"case": "x", "fault": null}', '@@{"case": "y", "fault": "no"}'):
        tried.hear(line)
    assert (tried.versions, tried.cases, tried.faults) == ("a 1.0", 2, {"y": "no"})


def test_a_client_that_nobody_knows_is_not_taken_for_one_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["bench.clients", "codexx"])
    with pytest.raises(SystemExit):
        main()
