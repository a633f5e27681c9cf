"""An office with documents, as in the tests of grounding."""

from tests.grounding.conftest import empty, office

__all__ = ["empty", "office"]
