"""Variables of the environment that were most likely meant as settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from gateway.settings import Settings

_PREFIX = "GATEWAY_"
SECRETS = ("GATEWAY_SECRET", "GATEWAY_MASTER_KEY")
"""What the gateway reads beside the settings. Written out: the modules that read them take seconds to load."""
OF_COMMANDS = ("GATEWAY_PERSON_KEY", "GATEWAY_API_KEY")
"""What only other commands read: nobody who starts a gateway meant these, and a backend's key may be called alike."""
_NEAR = 0.85
"""What a letter too many, too few or in another's place leaves in common."""


def misspelt(variables: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each variable that is no setting, with the one that it nearly is. Others are left alone: policy may name them."""
    meant = (*(f"{_PREFIX}{name.upper()}" for name in Settings.model_fields), *SECRETS)
    known = {*meant, *OF_COMMANDS}
    for written in sorted(variables):
        name = written.upper()
        if name.startswith(_PREFIX) and name not in known and (near := get_close_matches(name, meant, n=1, cutoff=_NEAR)):
            yield written, near[0]
