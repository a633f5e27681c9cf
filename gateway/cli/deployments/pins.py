"""Whether what a backend says it serves is what policy pins. Pure.

Servers tell different things, and none tells all: Ollama has the digest of a model's manifest (`GET /api/tags`), TGI the
revision of the weights (`GET /info`, `model_sha`), SGLang a version of the weights (`GET /get_model_info`, `weight_version`),
all of them the names that they serve (`GET /v1/models`). What a server does not tell is untold, and never taken for true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.policy.compile import CompiledDeployment


class Result(StrEnum):
    """How one thing that policy pins compares; only `same` and `untold` are no reason to worry."""

    SAME = "same"
    DIFFERS = "differs"
    UNTOLD = "untold"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a backend says of what it serves. `server` is the software's own version."""

    models: frozenset[str] = frozenset()
    version: str | None = None
    digest: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`pinned` is what policy says, `told` what the backend does."""

    deployment: str
    what: str
    result: Result
    pinned: str | None = None
    told: str | None = None


PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vllm": ("/version",),
        "sglang": ("/get_model_info",),
        "tgi": ("/info",),
        "ollama": ("/api/tags", "/api/version"),
        "llama.cpp": ("/props",),
    }
)
"""By server: what is asked beside `/v1/models`, from the root of the host."""

_ANY_NAME = frozenset({"llama.cpp"})
"""Servers that answer to whatever name they are asked by."""


def told_by(server: str, model: str | None, answers: Mapping[str, Any]) -> Told:
    """`answers` are JSON by path, `/v1/models` among them; nothing in them is taken for granted."""
    said = {path: answer if isinstance(answer, dict) else {} for path, answer in answers.items()}
    models = frozenset(_names(said.get("/v1/models", {}).get("data"), "id"))
    match server:
        case "ollama":
            own = [one for one in _objects(said.get("/api/tags", {}).get("models")) if _ollama_name(one) in _tagged(model)]
            return Told(
                models=models,
                digest=_text(own[0].get("digest")) if own else None,
                server=_text(said.get("/api/version", {}).get("version")),
            )
        case "tgi":
            info = said.get("/info", {})
            return Told(models=models, version=_text(info.get("model_sha")), server=_text(info.get("version")))
        case "sglang":
            return Told(models=models, version=_text(said.get("/get_model_info", {}).get("weight_version")))
        case "llama.cpp":
            return Told(models=models, server=_text(said.get("/props", {}).get("build_info")))
        case "vllm":
            return Told(models=models, server=_text(said.get("/version", {}).get("version")))
        case _:
            return Told(models=models)


def compared(deployment: CompiledDeployment, names: frozenset[str], told: Told) -> Iterator[Checked]:
    """`names` are those that the backend may be asked by: its own for the model, or those of the policy's models."""
    wanted = frozenset({deployment.model}) if deployment.model is not None else names
    if deployment.model is not None or deployment.server not in _ANY_NAME:
        yield _named(deployment.id, wanted, told.models)
    if deployment.version is not None:
        yield _checked(deployment.id, "version", deployment.version, told.version)
    if deployment.digest is not None:
        yield _checked(deployment.id, "digest", deployment.digest, told.digest)


def _named(deployment: str, wanted: frozenset[str], told: frozenset[str]) -> Checked:
    known = {name for one in told for name in (one, one.removesuffix(":latest"))}
    result = Result.UNTOLD if not told else Result.SAME if wanted <= known else Result.DIFFERS
    return Checked(deployment=deployment, what="model", result=result, pinned=_listed(wanted), told=_listed(told))


def _checked(deployment: str, what: str, pinned: str, told: str | None) -> Checked:
    same = told is not None and _bare(told) == _bare(pinned)
    result = Result.UNTOLD if told is None else Result.SAME if same else Result.DIFFERS
    return Checked(deployment=deployment, what=what, result=result, pinned=pinned, told=told)


def _bare(digest: str) -> str:
    return digest.strip().lower().removeprefix("sha256:")


def _tagged(model: str | None) -> frozenset[str]:
    """Ollama's name for a model without a tag ends with `:latest`."""
    return frozenset() if model is None else frozenset({model, f"{model}:latest"})


def _ollama_name(entry: Mapping[str, Any]) -> str | None:
    return _text(entry.get("model")) or _text(entry.get("name"))


def _names(entries: object, field: str) -> Iterator[str]:
    for entry in _objects(entries):
        name = _text(entry.get(field))
        if name is not None:
            yield name


def _objects(entries: object) -> Iterator[Mapping[str, Any]]:
    yield from (entry for entry in entries if isinstance(entry, dict)) if isinstance(entries, list) else ()


def _text(value: object) -> str | None:
    return value[:200] if isinstance(value, str) and value else None


def _listed(names: Iterable[str]) -> str | None:
    return ", ".join(sorted(names)[:6]) or None
