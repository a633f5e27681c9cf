"""Whether what a policy needs of this machine is there: libraries that are extras, and files of certificates."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from importlib.util import find_spec

from gateway.policy.language.deployments import Deployment, Tls
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.problems import PolicyError, Problem


def check_usable(loaded: LoadedPolicy) -> None:
    """Raises PolicyError with the lines of what is missing. Loads no library."""
    problems = [
        problem for name, deployment in loaded.policy.deployments.items() for problem in _problems(loaded, name, deployment)
    ]
    if problems:
        raise PolicyError(problems)


def _problems(loaded: LoadedPolicy, name: str, deployment: Deployment) -> Iterator[Problem]:
    at = ("deployments", name)
    if deployment.protocol == "litellm" and find_spec("litellm") is None:
        yield loaded.problem((*at, "protocol"), "litellm is not installed", "install the extra: privacy-gateway[litellm]")
    if deployment.tls is not None and not _is_usable(loaded, deployment.tls):
        fix = "check that the files are there, are PEM, and that the key fits and has no password"
        yield loaded.problem((*at, "tls"), "these certificates cannot be used", fix)


def _is_usable(loaded: LoadedPolicy, tls: Tls) -> bool:
    folder = loaded.path.parent
    try:
        context = ssl.create_default_context(cafile=None if tls.ca_file is None else folder / tls.ca_file)
        if tls.cert_file is not None:
            key_file = None if tls.key_file is None else folder / tls.key_file
            context.load_cert_chain(folder / tls.cert_file, key_file, password=lambda: "")
    except (OSError, ValueError):
        return False
    return True
