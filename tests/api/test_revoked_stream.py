"""A key that is revoked while its answer streams: the client is told, the backend is hung up on, and the record says why."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.event import Outcome
from gateway.identity.key_store import KeyStore
from gateway.identity.virtual_keys import key_id_of
from tests.support.backend import backend_in_thread
from tests.support.gateway import MODEL, policy_text, running_gateway
from tests.support.script import text

SAID = "word " * 400


def test_a_revoked_key_ends_the_stream_that_it_began(tmp_path: Path) -> None:
    with backend_in_thread() as backend, running_gateway(tmp_path, policy_text(backend.url)) as gateway:
        backend.reply_with(lambda request: text(request, SAID, size=5).cut_at_events().slow(0.05))
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hi"}], "stream": True}
        key = gateway.issue("app")
        lines = list[str]()
        headers = {"authorization": f"Bearer {key}"}
        with gateway.http.stream("POST", "/chat/completions", json=body, headers=headers) as answer:
            for line in answer.iter_lines():
                lines += [line] if line else []
                if len(lines) == 2:
                    KeyStore(gateway.settings.keys_path).revoke(key_id_of(key) or "", datetime.now(UTC))
        assert '"The API key has been revoked."' in lines[-1]
        assert "[DONE]" not in lines[-1]
        assert 2 < len(lines) < 400
        (record,) = gateway.records(1)
        assert (record.outcome, record.error_code) == (Outcome.DENIED, "invalid_api_key")
