"""The entity types that a policy may name."""

from __future__ import annotations


def entity_types() -> tuple[frozenset[str], frozenset[str]]:
    """Those that the built-in recognizers find, and those with surrogates. Imported late: the libraries take seconds."""
    from gateway.redaction.recognizers.registry import built_in_entities
    from gateway.redaction.surrogates import SURROGATE_ENTITIES

    return built_in_entities(), SURROGATE_ENTITIES
