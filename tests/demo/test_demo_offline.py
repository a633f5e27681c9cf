"""The demo contacts nothing but loopback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.demo.demo_process import Demo, running_demo

pytestmark = pytest.mark.slow

_SYSTEM_CALLS = "trace=connect,sendto,sendmsg,sendmmsg"
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')


def is_used(demo: Demo) -> None:
    messages = [{"role": "user", "content": "Say hello to Alice Johnson (alice.johnson@example.org) and 张伟."}]
    assert demo.post("chat/completions", {"messages": messages, "max_tokens": 8}).status_code == 200
    assert demo.interrupt() == 0, demo.told


def test_python_contacts_nothing_else(tmp_path: Path) -> None:
    """Python's own audit events, in every process. uvloop connects without Python's knowledge, so it is left out."""
    contacts = tmp_path / "contacts.txt"
    watched = {"CONTACTS_FILE": str(contacts), "MISSING_MODULES": "uvloop"}
    with running_demo(tmp_path, "--echo", environment=watched) as demo:
        is_used(demo)
    assert set(contacts.read_text().split()) == {"127.0.0.1"}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace, which sees what native code does, is not installed")
def test_native_code_contacts_nothing_else(tmp_path: Path) -> None:
    """System calls of every process and thread: uvloop's, the model's, and those of any library that reports home."""
    trace = tmp_path / "trace.txt"
    strace = ["strace", "--follow-forks", "--seccomp-bpf", "-qq", "-e", _SYSTEM_CALLS, "-o", str(trace)]
    with running_demo(tmp_path, under=strace) as demo:
        is_used(demo)
    assert {four or six for four, six in _ADDRESS.findall(trace.read_text())} == {"127.0.0.1"}
