"""What a program tells of its client: a line of JSON for each case. Programs run in the client's environment, not in ours."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

BASE, KEY, MODEL = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"], "model"
ALICE, MAIL, ZHANG, MOBILE = "Alice Johnson", "alice.johnson@example.org", "张伟", "13812345678"
EN, ZH = f"Please write to {ALICE} ({MAIL}) today.", f"请给{ZHANG}打电话，号码是{MOBILE}。"
SENT = f"sent to {ALICE} at {MAIL}"
BLOCKED, TOO_LONG = "Here is my key: ghp_abcdefghijklmnopqrstuvwxyz0123456789", "too long for the model"
_LOOP = asyncio.new_event_loop()

warnings.simplefilter("ignore")


def send_mail(to: str, mail: str) -> str:
    """Sends a mail in the name of Alice Johnson.

    Args:
        to: whom it is for
        mail: the address
    """
    return f"sent to {to} at {mail}"


def client(*packages: str) -> None:
    """The packages that are tried, for their versions."""
    _tell(versions={name: version(name) for name in packages})


def case(name: str, run: Callable[[], Any], *wanted: str) -> None:
    """What the client makes of an answer, as text, has each of `wanted` in it."""
    try:
        said = _ended(run())
    except BaseException as error:  # noqa: BLE001  (whatever it is, it is the result)
        _tell(case=name, fault=f"{type(error).__name__}: {error}"[:400])
        return
    missing = [one for one in wanted if one not in str(said)]
    _tell(case=name, fault=f"{missing} is missing in {said}"[:400] if missing else None)


def refused(name: str, run: Callable[[], Any], *kinds: type[BaseException]) -> None:
    """The client raises one of its own exceptions."""
    try:
        said = _ended(run())
    except kinds as error:
        _tell(case=name, fault=None, raised=type(error).__name__)
    except BaseException as error:  # noqa: BLE001  (whatever it is, it is the result)
        _tell(case=name, fault=f"{type(error).__name__}: {error}"[:400])
    else:
        _tell(case=name, fault=f"nothing was raised: {said}"[:400])


def _ended(said: Any) -> Any:
    return _LOOP.run_until_complete(asyncio.wait_for(said, 90)) if inspect.isawaitable(said) else said


def _tell(**fields: Any) -> None:
    sys.stdout.write(f"\n@@{json.dumps(fields, ensure_ascii=False)}\n")
    sys.stdout.flush()
