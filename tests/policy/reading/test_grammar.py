from __future__ import annotations

from gateway.policy.reading.grammar import Grammar
from gateway.protocol.wire import Surface


def test_fields_values_and_descriptions_along_a_path() -> None:
    grammar = Grammar.of_policy()
    assert grammar.fields(("deployments", "x", "timeouts")) == ("connect_s", "first_byte_s", "between_bytes_s", "total_s")
    assert grammar.fields(("deployments", "x", "api_key")) == ("env", "file")
    assert "surrogate" in grammar.values(("tenants", "t", "entities", "PERSON"))
    assert "surrogate" not in grammar.values(("tenants", "t", "reply", "entities", "PERSON"))
    assert grammar.values(("models", "m", "surfaces", 0)) == tuple(Surface)
    assert grammar.values(("version",)) == ("1",)
    assert grammar.values(("tenants", "t", "teams", "x", "principals", "p", "cache")) == ("none", "principal", "tenant")
    demand = ("organisation", "rules", "r", "demand")
    assert grammar.fields(demand) == ("entities", "reply", "record", "knowledge", "route", "cache", "pseudonyms")
    assert "block" not in grammar.values((*demand, "record", "entities", "PERSON"))
    assert grammar.values((*demand, "route", "kinds", 0)) == ("openai", "litellm", "fhe")
    assert grammar.description(("tenants",)) == "The tenants, by id."


def test_a_path_that_leads_nowhere_says_nothing() -> None:
    grammar = Grammar.of_policy()
    path = ("nothing", 3, "here")
    assert (grammar.fields(path), grammar.values(path), grammar.description(path)) == ((), (), None)
