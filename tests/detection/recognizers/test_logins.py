"""Names that machines print or are told, and the machines' own names beside them."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.logins import login_recognizers

_CORE = PresidioDetector(login_recognizers())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ssh -i k.pem kbrown@198.51.100.7", "kbrown"),
        ("scp a.txt kbrown@files:/tmp", "kbrown"),
        ("kbrown@198.51.100.7's password:", "kbrown"),
        ("grant all on a.* to 'kbrown'@'%'", "kbrown"),
        ('File "/home/kbrown/app/main.py", line 8', "kbrown"),
        ("/Users/kbrown/Documents", "kbrown"),
        ("C:\\\\Users\\\\kbrown\\\\AppData", "kbrown"),
        ("C:\\Users\\Kim Brown\\x.txt", "Kim Brown"),
        ("C:\\Users\\Jürgen van Brown Jr\\x.txt", "Jürgen van Brown Jr"),
        ("/home/田野/x", "田野"),
        ("kbrown@web01:~/src$ ls", "kbrown"),
        ("[kbrown@db ~]# ls", "kbrown"),
        ("$ whoami\nkbrown\n", "kbrown"),
        ("opened_by: k.brown", "k.brown"),
        ('{"assignee": "kbrown", "n": 1}', "kbrown"),
        ("created by = kbrown", "kbrown"),
    ],
)
def test_a_login_is_found(text: str, value: str) -> None:
    assert [(f.entity, text[f.start : f.end]) for f in _CORE.analyze(text)] == [("USERNAME", value)]


@pytest.mark.parametrize(
    "text",
    [
        "GET /home/settings and https://example.com/home/kbrown/x",
        "/home/runner/work/a.py and ssh root@db",
        "assigned_to: engineering",
        "created_by: system",
        "reviewer: please see below",
        "assignee: user.name(x)",
        "the parcel was opened by Kim",
        "a@b.c and x@",
        "ssh git@example.com",
        'changed by :meth:`run`, "createdBy": "arn:aws:iam"',
        "node --test-reporter=spec",
    ],
)
def test_what_is_none(text: str) -> None:
    assert _CORE.analyze(text) == ()
