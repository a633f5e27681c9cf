"""The entity types that a policy may name."""

from __future__ import annotations

from gateway.rules.detection import PluginOffer


def entity_types() -> tuple[frozenset[str], frozenset[str]]:
    """Those that the built-in recognizers find, and those with surrogates. Imported late: the libraries take seconds."""
    from gateway.detection.recognizers.registry import built_in_entities
    from gateway.redaction.surrogates import SURROGATE_ENTITIES

    return built_in_entities(), SURROGATE_ENTITIES


def plugin_offer(name: str) -> PluginOffer:
    """The types of a recognizer that an installed package offers; to know them it is loaded."""
    from gateway.detection.recognizers.plugins import Plugins

    return Plugins().offer(name)
