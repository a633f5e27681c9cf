"""The TLS of one deployment."""

from __future__ import annotations

import ssl

from gateway.errors import UpstreamUnreachable
from gateway.upstream.base import Tls


def context_of(tls: Tls | None) -> ssl.SSLContext | bool:
    """For aiohttp: True is the system's authorities.

    Raises UpstreamUnreachable where the files cannot be used, which the load of a policy rules out: they have changed since.
    """
    if tls is None:
        return True
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
        if tls.cert_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file, password=_no_password)
    except (OSError, ValueError):
        raise UpstreamUnreachable("the deployment's TLS files cannot be used") from None
    return context


def _no_password() -> str:
    """A key that is encrypted is refused: OpenSSL would ask for its password at the terminal, and wait."""
    raise ValueError("encrypted keys are not supported")
