"""Backends' keys, read from where the policy points. They live in memory only, behind SecretStr."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from gateway.policy.language.deployments import SecretRef
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.problems import PolicyError, Problem

_MAX_CHARACTERS = 8_192
_ONE_WORD = re.compile(r"[\x21-\x7e]+")


class SecretMissing(Exception):
    """A secret that is not where the policy says. Carries the fix; holds neither value nor name."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def read_secret(ref: SecretRef, *, environ: Mapping[str, str], folder: Path) -> SecretStr:
    """The secret, without surrounding white space. `folder` is where relative paths start. Raises SecretMissing.

    The text ends up in an HTTP header, so anything but printable ASCII is refused here and not by the backend.
    """
    text = (_from_file(folder / ref.file) if ref.file else environ.get(ref.env or "", "")).strip()
    if not text:
        where = "file" if ref.file else "environment variable"
        raise SecretMissing(f"the {where} with this key is missing or empty", f"set the {where} and reload")
    if len(text) > _MAX_CHARACTERS or not _ONE_WORD.fullmatch(text):
        raise SecretMissing("this key is not one word of printable ASCII", "store the key alone, then reload")
    return SecretStr(text)


def resolve_secrets(loaded: LoadedPolicy, environ: Mapping[str, str]) -> Mapping[str, SecretStr]:
    """The key of each deployment that has one, by deployment id. Raises PolicyError with the lines of the missing."""
    secrets: dict[str, SecretStr] = {}
    problems: list[Problem] = []
    for name, deployment in loaded.policy.deployments.items():
        if deployment.api_key is None:
            continue
        try:
            secrets[name] = read_secret(deployment.api_key, environ=environ, folder=loaded.path.parent)
        except SecretMissing as missing:
            problems.append(loaded.problem(("deployments", name, "api_key"), missing.message, missing.fix))
    if problems:
        raise PolicyError(problems)
    return secrets


def _from_file(path: Path) -> str:
    """The file's text, cut above the limit; empty if there is no regular file to read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(_MAX_CHARACTERS + 2).decode("utf-8", "replace")
    except OSError:
        return ""
