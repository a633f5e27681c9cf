"""What servers of models do otherwise than OpenAI, as far as their sources show it. Pure data; docs/deployments.md is the table
in words.

Read in: vLLM `vllm/entrypoints/openai/protocol.py`, `.../responses/protocol.py` and `.../pooling/base/protocol.py`; SGLang
`srt/entrypoints/http_server.py` and `.../openai/serving_{base,chat}.py`; TGI `router/src/{server,chat,lib}.rs` and its issues
2136 and 2794; Ollama `server/routes.go`, `middleware/openai.go` and its issues 7881 and 15457; llama.cpp's issue 20198, and its
server, asked; Xinference `api/routers`, `model/llm/utils.py`; LocalAI `core/http/routes/health.go`,
`core/http/endpoints/openai/chat*.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gateway.protocol.wire import Surface

_ALL = frozenset(Surface)
_MODELS = _ALL - {Surface.MODERATIONS}
"""None of them is known to have moderations: vLLM's documentation (0.32) and Ollama's list none; LocalAI's issue 647."""
_TEXT = frozenset({Surface.CHAT, Surface.COMPLETIONS})
_CHAT = frozenset({Surface.CHAT})


class Preset(StrEnum):
    """The servers that are known here. `openai` is every other one, which is left as it is."""

    OPENAI = "openai"
    VLLM = "vllm"
    SGLANG = "sglang"
    TGI = "tgi"
    OLLAMA = "ollama"
    LLAMA_CPP = "llama.cpp"
    XINFERENCE = "xinference"
    LOCALAI = "localai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How one kind of server differs.

    `health` is the path beside `/v1` that answers 200 when a model can be asked; None: `GET /v1/models` does. `surfaces` are
    the endpoints that it has. On `tells_usage_if_asked` a stream has no usage unless `stream_options.include_usage` asks for
    it.
    """

    health: str | None = None
    surfaces: frozenset[Surface] = _ALL
    tells_usage_if_asked: frozenset[Surface] = frozenset()
    salts_prefixes: bool = False
    """It keeps what it has computed of prompts' beginnings, and uses it for requests with the same `cache_salt` alone."""
    wants_stops_in_a_list: bool = False
    loose_tool_calls: bool = False
    """Calls of tools come in other shapes, or with indexes and ids that clients would put together wrongly."""
    ends_calls_with_stop: bool = False
    """The finish reason is `stop` where tools are called."""
    blank_finish_reason: bool = False
    """A text completion that goes on has `""` for a finish reason, which looks like an end."""
    usage_below_zero: bool = False
    """Counts that are unknown are -1."""
    responses_without_places: bool = False
    """Events of a streamed response do not say which item and which part they belong to."""
    responses_in_other_words: bool = False
    """Parts of reasoning begin and end by events of its own; usage has lists, by turn, where OpenAI has counts."""


SERVERS: Mapping[Preset, Server] = MappingProxyType(
    {
        Preset.OPENAI: Server(),
        Preset.VLLM: Server(
            health="/health",
            surfaces=_MODELS,
            tells_usage_if_asked=_TEXT,
            salts_prefixes=True,
            responses_in_other_words=True,
        ),
        Preset.SGLANG: Server(health="/health", surfaces=_MODELS, tells_usage_if_asked=_TEXT, salts_prefixes=True),
        Preset.TGI: Server(
            health="/health",
            surfaces=_TEXT,
            tells_usage_if_asked=_CHAT,
            wants_stops_in_a_list=True,
            loose_tool_calls=True,
            ends_calls_with_stop=True,
            blank_finish_reason=True,
        ),
        Preset.OLLAMA: Server(health="/api/version", surfaces=_MODELS, tells_usage_if_asked=_TEXT, loose_tool_calls=True),
        Preset.LLAMA_CPP: Server(
            health="/health", surfaces=_MODELS, tells_usage_if_asked=_CHAT, loose_tool_calls=True, responses_without_places=True
        ),
        Preset.XINFERENCE: Server(
            health="/status",
            surfaces=_TEXT | {Surface.EMBEDDINGS},
            tells_usage_if_asked=_TEXT,
            loose_tool_calls=True,
            usage_below_zero=True,
        ),
        Preset.LOCALAI: Server(health="/readyz", surfaces=_MODELS, tells_usage_if_asked=_TEXT, loose_tool_calls=True),
    }
)
