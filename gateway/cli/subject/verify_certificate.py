"""`gateway subject verify-certificate`: whether a certificate is signed, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from gateway.assurance.certificate import verified
from gateway.audit.verify import NotVerified, read_key
from gateway.cli.common.store import told


def verify_certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    vkey: Annotated[str, typer.Argument(metavar="VKEY", help="The verifier key that you trust: NAME+ID+KEY.")],
) -> None:
    """Check a certificate's signature, and print what it says. Whether the log says the same shows an export of the act."""
    with told():
        try:
            said = verified(file.read_text(encoding="utf-8"), read_key(vkey))
        except (OSError, UnicodeDecodeError):
            raise NotVerified(f"{file} cannot be read") from None
    typer.echo("verified: the certificate is signed by this key; it says:", err=True)
    typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
