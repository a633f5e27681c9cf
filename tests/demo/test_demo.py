"""`make run`'s demo with the real local model, used as its own text tells a newcomer to."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from openai import OpenAI

from tests.demo.demo_process import Demo, is_free, running_demo

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def shell(line: str, folder: Path | None = None) -> str:
    """Run a command as a newcomer pastes it, in the folder where the demo was started if it matters."""
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def found_in_latest(demo: Demo) -> set[str]:
    """The kinds of personal data that the record names for the latest exchange, which must have ended well."""
    latest = demo.latest_record()
    assert (latest.tenant, latest.principal, latest.model, latest.status) == ("demo", "app", demo.model, 200)
    return {finding.entity for finding in latest.findings}


def test_the_curl_line_works_as_printed(demo: Demo) -> None:
    events = [line.removeprefix("data: ") for line in shell(demo.curl).splitlines() if line.startswith("data: ")]
    *chunks, done = events
    assert done == "[DONE]"
    said = "".join(json.loads(chunk)["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert said.strip()
    assert {"PERSON", "EMAIL_ADDRESS"} <= found_in_latest(demo)


def test_the_python_snippet_works_as_printed(demo: Demo) -> None:
    assert shell(demo.snippet).strip()
    assert {"PERSON", "PHONE_NUMBER"} <= found_in_latest(demo)


def test_the_query_of_the_record_works_as_printed(demo: Demo) -> None:
    demo.post("chat/completions", {"messages": [{"role": "user", "content": "Hello Alice Johnson"}], "max_tokens": 1})
    call_id = demo.latest_record().call_id
    (line,) = [line for line in shell(demo.query, demo.folder).splitlines() if call_id in line]
    assert "completed" in line
    assert "1 PERSON placeholder" in line


def test_the_explorer_opens_as_printed(demo: Demo) -> None:
    demo.post("chat/completions", {"messages": [{"role": "user", "content": "Hello Alice Johnson"}], "max_tokens": 1})
    call_id = demo.latest_record().call_id
    with httpx.Client(follow_redirects=True) as browser:
        form = browser.get(f"{demo.explorer}/")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.text))
        sent = {**fields, "credential": demo.person}
        assert browser.post(form.url, data=sent, headers={"origin": str(form.url.copy_with(path="/"))[:-1]}).status_code == 200
        page = browser.get(f"{demo.explorer}/exchanges/{call_id}")
    assert page.status_code == 200
    assert "PERSON_1" in page.text
    assert "Alice" not in page.text


def test_what_the_model_repeats_is_the_callers_own(demo: Demo) -> None:
    """A model of this size repeats a line when it has just seen it repeated."""
    mail = "alice.johnson@example.org"
    line = f"The address is {mail}."
    turns = [("user", line), ("assistant", line)] * 3
    messages = [*({"role": role, "content": text} for role, text in turns), {"role": "user", "content": line}]
    answer = demo.post("chat/completions", {"messages": messages, "temperature": 0, "max_tokens": 40}).json()
    assert mail in answer["choices"][0]["message"]["content"]
    assert "EMAIL_ADDRESS" in found_in_latest(demo)


def test_every_surface_reaches_the_model(demo: Demo) -> None:
    with OpenAI(base_url=demo.base_url, api_key=demo.key, max_retries=0) as client:
        assert [model.id for model in client.models.list()] == [demo.model]
        embedding = client.embeddings.create(model=demo.model, input="Alice Johnson lives in Berlin.").data[0].embedding
        assert len(embedding) == 576  # SmolLM2-135M's hidden size
        assert "PERSON" in found_in_latest(demo)
        text = client.completions.create(model=demo.model, prompt="Alice Johnson went", max_tokens=8).choices[0].text
        assert text.strip()
        asked = "Say hello to Alice Johnson."
        assert client.responses.create(model=demo.model, input=asked, max_output_tokens=16).output_text.strip()
        with client.responses.stream(model=demo.model, input=asked, max_output_tokens=16) as stream:
            said = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            assert stream.get_final_response().output_text == said
    assert "PERSON" in found_in_latest(demo)


def test_nothing_raw_is_on_disk(demo: Demo) -> None:
    """Neither in the record nor in the model's log, after everything above; and no library keeps a file of its own."""
    files = [file for file in (demo.folder / "state").iterdir() if file.is_file()]
    assert {"audit.sqlite", "model.log"} <= {file.name for file in files}
    for file in files:
        assert not any(raw in file.read_bytes() for raw in (b"Alice", b"alice.johnson", "张伟".encode(), b"13812345678"))
    assert list(demo.home.rglob("*")) == []


def test_ctrl_c_ends_everything(demo: Demo) -> None:
    """The last test of this module: it ends the demo that the others use."""
    family = demo.family()
    assert len(family) >= 2
    assert demo.interrupt() == 0, demo.told
    gone, alive = psutil.wait_procs(family, timeout=5)
    assert (len(gone), alive) == (len(family), [])
    assert is_free(demo.port)
    assert is_free(demo.backend_port)
    assert "Stopped." in demo.told
    assert "Traceback" not in demo.told
