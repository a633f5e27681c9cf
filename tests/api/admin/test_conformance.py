"""The published document against the running application: whatever schemathesis makes of it, the answers are as promised.

Among its checks: no fault of ours, statuses, content types, bodies and headers as documented, what fits the document is
accepted, what does not is refused, and no operation answers without its credential.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from gateway.api.admin.app import admin_host, build_admin
from gateway.api.admin.document import document_text
from gateway.identity.virtual_keys import mint_for_person
from tests.api.admin.office import NOW, PEOPLE, PEPPER, TENANTS, parts_in
from tests.api.admin.publish import DOCUMENT

CHIEF = "    chief: {roles: [developer, operator, privacy_officer, auditor]}\n"

own_credential = ProjectConfig(generation=GenerationConfig(with_security_parameters=False))
schema = schemathesis.openapi.from_path(DOCUMENT, config=SchemathesisConfig(projects=ProjectsConfig(default=own_credential)))


@dataclass(frozen=True)
class Served:
    """Where it listens, and the one key that all calls are made with."""

    url: str
    key: str = field(repr=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    policy = TENANTS.replace("desk:", "service-desk:") + PEOPLE + CHIEF
    parts, limiter, log = parts_in(tmp_path_factory.mktemp("admin"), policy)
    key = mint_for_person(PEPPER, person="chief", now=NOW)
    parts.keys.add(key.record)
    config = uvicorn.Config(admin_host(build_admin(parts)), port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the admin API did not start"
        time.sleep(0.01)
    yield Served(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/admin", key.plaintext)
    server.should_exit = True
    thread.join(timeout=15)
    asyncio.run(limiter.close())
    asyncio.run(log.close())
    parts.keys.close()


@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_answers_are_as_the_document_says(case: Case[Any], served: Served) -> None:
    case.call_and_validate(base_url=served.url, headers={"Authorization": f"Bearer {served.key}"})


async def test_the_document_is_that_of_the_application(tmp_path: Path) -> None:
    parts, _, log = parts_in(tmp_path)
    text = document_text(build_admin(parts))
    await log.close()
    assert text == DOCUMENT.read_text(encoding="utf-8"), "run: python -m tests.api.admin.publish"
