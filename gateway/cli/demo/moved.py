"""The demo's policy with its backend on another port, for a machine where its own is taken."""

from __future__ import annotations

from pathlib import Path

import typer


def moved(policy: Path, address: tuple[str, int], port: int, folder: Path) -> Path:
    """A copy in `folder`, which is made if there is none; exits where the address is not written as host:port."""
    host, taken = address
    text = policy.read_text(encoding="utf-8")
    if f"{host}:{taken}/" not in text:
        typer.echo(f"{policy}: port {taken} on {host} is in use; change base_url, or stop what listens there", err=True)
        raise typer.Exit(1)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / policy.name
    copy.write_text(text.replace(f"{host}:{taken}/", f"{host}:{port}/"), encoding="utf-8")
    return copy
