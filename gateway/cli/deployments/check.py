"""`gateway deployments check`: whether the backends are what policy says they are."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

import aiohttp
import orjson
import typer
from yarl import URL

from gateway.accounting.tokenizers import TokenizerUnavailable, read_tokenizer
from gateway.cli.common.policy import DEFAULT_POLICY, AsJson, PolicyFile, opened, told
from gateway.cli.deployments.pins import PATHS, Checked, Result, compared, told_by
from gateway.errors import UpstreamUnreachable
from gateway.policy.compile import CompiledDeployment, CompiledPolicy, compile_policy
from gateway.policy.secret_refs import resolve_secrets
from gateway.printable import printable
from gateway.upstream.base import Tls
from gateway.upstream.tls import context_of

_PATIENCE = aiohttp.ClientTimeout(total=5.0)
_MOST = 2**20
_MODELS = "/v1/models"


def check(
    only: Annotated[list[str] | None, typer.Argument(metavar="[DEPLOYMENT...]", help="Default: all.")] = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="What a backend does not tell is a failure, too.")] = False,
    policy: PolicyFile = DEFAULT_POLICY,
) -> None:
    """Ask each backend whether what it serves is what policy pins: the model's name, its version, its digest.

    Exit status: 0 all is as policy says, as far as backends tell; 1 something is not, or does not answer; 2 no policy.
    """
    with told(2):
        loaded = opened(policy).loaded
        compiled = compile_policy(loaded, resolve_secrets(loaded, os.environ))
    unknown = sorted(set(only or ()) - compiled.deployments.keys())
    if unknown:
        raise typer.BadParameter(f"the policy has no deployment {', '.join(unknown)}")
    names = only or list(compiled.deployments)
    found = asyncio.run(_checks(compiled, names))
    for name in () if as_json else dict.fromkeys(names):
        if all(one.deployment != name for one in found):
            typer.echo(f"{name}: nothing is pinned")
    for one in found:
        typer.echo(json.dumps(asdict(one), ensure_ascii=False) if as_json else printable(_line(one)))
    wrong = {Result.DIFFERS, Result.UNREACHABLE, Result.UNREADABLE} | ({Result.UNTOLD} if strict else set())
    raise typer.Exit(1 if any(one.result in wrong for one in found) else 0)


async def _checks(policy: CompiledPolicy, names: Sequence[str]) -> list[Checked]:
    """All at once: one that does not answer holds up nobody."""
    found = await asyncio.gather(*(_check(policy, policy.deployments[name]) for name in names))
    return [one for checks in found for one in checks]


async def _check(policy: CompiledPolicy, deployment: CompiledDeployment) -> list[Checked]:
    checks = [*_tokenizer(deployment)]
    if deployment.kind != "openai":
        return [*checks, Checked(deployment=deployment.id, what="model", result=Result.UNTOLD, pinned=deployment.model)]
    answers = await answers_of(deployment)
    if all(answer is None for answer in answers.values()):
        return [*checks, Checked(deployment=deployment.id, what="backend", result=Result.UNREACHABLE)]
    names = frozenset(name for name, model in policy.written.models.items() if deployment.id in model.served_by)
    asked_as = deployment.model or next(iter(sorted(names)), None)
    return [*checks, *compared(deployment, names, told_by(deployment.server, asked_as, answers))]


async def answers_of(deployment: CompiledDeployment) -> dict[str, Any]:
    """What its backend says of itself, by path; nothing where the deployment's TLS files cannot be used."""
    paths = (_MODELS, *PATHS.get(deployment.server, ()))
    try:
        async with _session(deployment) as session:
            return {path: await _get(session, _url(deployment, path)) for path in paths}
    except UpstreamUnreachable:
        return {}


def _tokenizer(deployment: CompiledDeployment) -> list[Checked]:
    if deployment.tokenizer is None:
        return []
    pinned = deployment.tokenizer.name
    try:
        read_tokenizer(deployment.tokenizer)
    except TokenizerUnavailable as problem:
        return [Checked(deployment=deployment.id, what="tokenizer", result=Result.UNREADABLE, pinned=pinned, told=str(problem))]
    return [Checked(deployment=deployment.id, what="tokenizer", result=Result.SAME, pinned=pinned)]


@asynccontextmanager
async def _session(deployment: CompiledDeployment) -> AsyncIterator[aiohttp.ClientSession]:
    """With its key and its TLS. Raises UpstreamUnreachable."""
    key, tls = deployment.api_key, deployment.tls
    connector = aiohttp.TCPConnector(ssl=context_of(None if tls is None else Tls(**tls.model_dump())))
    headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(
        headers=headers, timeout=_PATIENCE, cookie_jar=jar, trust_env=False, connector=connector
    ) as session:
        yield session


def _url(deployment: CompiledDeployment, path: str) -> URL:
    """`/v1/models` lies where the deployment's API does, the rest beside it."""
    base = URL(deployment.base_url)
    return base / "models" if path == _MODELS else base.origin().join(URL(path))


async def _get(session: aiohttp.ClientSession, url: URL) -> Any:
    """The JSON of an answer; an empty object where it is something else, None where nothing answers."""
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return _parsed(await _body(answer)) if answer.status == 200 else {}
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Cut above the limit: what is cut is no JSON."""
    body = bytearray()
    async for piece in answer.content.iter_chunked(_MOST):
        body += piece
        if len(body) > _MOST:
            break
    return bytes(body)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(one: Checked) -> str:
    pinned = f"  policy: {one.pinned}" if one.pinned else ""
    said = f"  backend: {one.told}" if one.told and one.result is not Result.SAME else ""
    return f"{one.result.value:<11}  {one.deployment}  {one.what}{pinned}{said}"
