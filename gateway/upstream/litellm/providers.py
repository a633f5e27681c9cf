"""The providers that litellm translates for, and where each is unless policy names another address.

Azure OpenAI (`https://<name>.openai.azure.com/openai/v1`), Mistral, DeepSeek and others speak OpenAI's protocol and need none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from gateway.upstream.litellm.anthropic import Anthropic
from gateway.upstream.litellm.bedrock import Bedrock
from gateway.upstream.litellm.dialect import Dialect
from gateway.upstream.litellm.gemini import Gemini


class Provider(StrEnum):
    ANTHROPIC = "anthropic"
    BEDROCK = "bedrock"
    GEMINI = "gemini"


_DIALECTS: Mapping[Provider, Callable[[], Dialect]] = MappingProxyType(
    {Provider.ANTHROPIC: Anthropic, Provider.BEDROCK: Bedrock, Provider.GEMINI: Gemini}
)


def dialect_of(provider: Provider) -> Dialect:
    """Loads litellm."""
    return _DIALECTS[provider]()
