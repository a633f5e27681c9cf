"""Which clients are tried. `packages` come from PyPI or npm, in their newest versions, into an environment of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Client:
    """A program of `programs/`, and what it needs. `part` is what it is asked to run, where it has several."""

    name: str
    program: str
    packages: tuple[str, ...]
    part: str = ""
    npm: bool = False


CLIENTS = (
    Client("openai", "openai_sdk.py", ("openai",)),
    Client("openai-agents", "openai_agents.py", ("openai-agents",)),
    Client("langchain", "langchain_graph.py", ("langchain", "langchain-openai", "langgraph")),
    Client("llama-index", "llama_chat.py", ("llama-index-llms-openai-like", "llama-index-embeddings-openai-like")),
    Client("pydantic-ai", "pydantic_agents.py", ("pydantic-ai-slim[openai]", "instructor")),
    Client("litellm", "dspy_litellm.py", ("litellm[proxy]", "dspy")),
    Client("haystack", "haystack_pipe.py", ("haystack-ai",)),
    Client("smolagents", "smolagents_llm.py", ("smolagents[openai]", "llm")),
    Client("autogen", "autogen_team.py", ("autogen-agentchat", "autogen-ext[openai]")),
    Client("ag2", "ag2_agent.py", ("ag2[openai]",)),
    Client("semantic-kernel", "semantic_agent.py", ("semantic-kernel",)),
    Client("crewai", "crew.py", ("crewai",)),
    Client("aider", "aider_edit.py", ("aider-chat",)),
    Client("openai.js", "node_clients.mjs", ("openai", "zod"), "openai", npm=True),
    Client("ai", "node_clients.mjs", ("ai", "@ai-sdk/openai", "@ai-sdk/openai-compatible", "zod"), "ai", npm=True),
    Client(
        "langchain.js",
        "node_clients.mjs",
        ("@langchain/openai", "@langchain/langgraph", "@langchain/core", "zod"),
        "langchain",
        npm=True,
    ),
    Client("agents.js", "node_clients.mjs", ("@openai/agents", "zod"), "agents", npm=True),
    Client("codex", "codex_cli.py", ("@openai/codex",), npm=True),
)
