"""The recognizers that the gateway comes with. Constructing them loads models; importing this module does not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.ages import age_recognizers
from gateway.detection.recognizers.china import china_recognizers
from gateway.detection.recognizers.command_secrets import command_secret_recognizers
from gateway.detection.recognizers.contact import contact_recognizers
from gateway.detection.recognizers.coordinates import coordinate_recognizers
from gateway.detection.recognizers.credentials import credential_recognizers
from gateway.detection.recognizers.dates import date_recognizers
from gateway.detection.recognizers.groups import group_recognizers
from gateway.detection.recognizers.international import international_recognizers
from gateway.detection.recognizers.logins import login_recognizers
from gateway.detection.recognizers.name_fields import name_field_recognizers
from gateway.detection.recognizers.person_fields import person_field_recognizers
from gateway.detection.recognizers.person_ids import person_id_recognizers
from gateway.detection.recognizers.places import place_recognizers
from gateway.detection.recognizers.security_codes import security_code_recognizers
from gateway.detection.recognizers.tables import TableColumns
from gateway.detection.recognizers.usernames import username_recognizers
from gateway.detection.taggers.small import han_tagger, latin_tagger
from gateway.detection.taggers.tagging import TAGGED_ENTITIES


def pattern_recognizers() -> tuple[EntityRecognizer, ...]:
    """Everything that is found by its form: no models, loads in milliseconds."""
    return (
        *credential_recognizers(),
        *command_secret_recognizers(),
        *contact_recognizers(),
        *international_recognizers(),
        *china_recognizers(),
        *date_recognizers(),
        *place_recognizers(),
        *group_recognizers(),
        *person_field_recognizers(),
        *age_recognizers(),
        *coordinate_recognizers(),
        *person_id_recognizers(),
        *security_code_recognizers(),
        *username_recognizers(),
        *login_recognizers(),
        *name_field_recognizers(),
        TableColumns(),
    )


def default_recognizers() -> tuple[EntityRecognizer, ...]:
    """Patterns, and one small tagger per script."""
    return (*pattern_recognizers(), latin_tagger(), han_tagger())


def supported_entities(recognizers: Iterable[EntityRecognizer]) -> frozenset[str]:
    """The entity types that these recognizers can find: what a policy may name."""
    return frozenset(entity for r in recognizers for entity in r.get_supported_entities())


@cache
def built_in_entities() -> frozenset[str]:
    """The types that `default_recognizers` find, known without loading a model."""
    return supported_entities(pattern_recognizers()) | frozenset(TAGGED_ENTITIES)
