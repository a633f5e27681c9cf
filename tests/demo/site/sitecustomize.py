"""Python imports this at the start of every process of a demo under test (see `demo_process`).

CONTACTS_FILE: note every address that the process reaches out to. MISSING_MODULES: pretend that these are not installed.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_OUTWARD = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _OUTWARD and isinstance(arguments[1], tuple):  # other addresses are those of Unix sockets
        _write(str(arguments[1][0]))
    elif event in _LOOKUPS:
        host = arguments[0]
        _write(host.decode() if isinstance(host, bytes) else str(host))


def _write(host: str) -> None:
    file = os.open(os.environ["CONTACTS_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(file, f"{host}\n".encode())
    os.close(file)


for _name in os.environ.get("MISSING_MODULES", "").split():
    sys.modules[_name] = None  # type: ignore[assignment]  # the import system's word for "there is no such module"
if "CONTACTS_FILE" in os.environ:
    sys.addaudithook(_note)
