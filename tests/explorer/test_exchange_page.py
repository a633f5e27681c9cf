from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway.audit.event import ExchangeRecord, Outcome
from tests.explorer.bank import AUDITOR, OFFICER, Bank


def of(bank: Bank, **facts: object) -> ExchangeRecord:
    """The first exchange of which these facts hold."""
    return next(one for one in bank.gateway.records() if all(getattr(one, name) == fact for name, fact in facts.items()))


def page(bank: Bank, record: ExchangeRecord, who: str = AUDITOR, **headers: str) -> str:
    answer = bank.browse(who).get(f"/exchanges/{record.call_id}", headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_the_decision_stands_in_words(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="service-desk"))
    for words in (
        "Allowed by tenants.bank.models",
        "model qwen3-8b is listed for bank/service-desk",
        "originals sealed",
        "frankfurt",
    ):
        assert words in shown


def test_of_a_stream_the_page_says_what_came_after_the_first_byte(bank: Bank) -> None:
    streamed = of(bank, stream=True, outcome=Outcome.COMPLETED)
    shown = page(bank, streamed)
    assert "streaming until the last event" in shown
    assert "First byte after" in shown
    chinese = page(bank, streamed, **{"accept-language": "zh"})
    assert "流式输出至最后一个事件" in chinese
    assert "首字节用时" in chinese
    plain = page(bank, of(bank, stream=False, outcome=Outcome.COMPLETED))
    assert "streaming until" not in plain
    assert "Took" in plain


def test_a_refusal_names_the_rule_and_the_reason_of_its_author(bank: Bank) -> None:
    shown = page(bank, of(bank, error_code="policy_denied"))
    assert "Denied by tenants.bank.rules.many-people" in shown
    assert "Requests about more than five people go to the privacy office." in shown


def test_what_was_sent_is_marked_where_findings_stood(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="service-desk"))
    assert 'Please write to <mark class="found" data-mark="1">&lt;PERSON_1&gt;' in shown
    for words in ("LatinTagger", "IbanRecognizer", "placeholder", "masked", "tenants.bank", "/messages/0/content"):
        assert words in shown


def test_the_client_got_its_values_and_the_page_does_not_show_them(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="service-desk"), OFFICER)
    assert '<span class="closed"' in shown
    assert "Alice" not in shown
    assert "alice.johnson" not in shown


def test_the_level_that_asked_for_an_operator_is_named(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="claims-bot"))
    assert "hashed" in shown
    assert "<code>tenants.bank.teams.claims</code>" in shown


def test_where_the_time_went(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="service-desk"))
    for stage in ("authenticate", "redact", "route"):
        assert f'<th scope="row">{stage}</th>' in shown
    assert shown.count('<svg viewBox="0 0 1000 10"') >= 7
    assert "style=" not in shown


def test_what_is_not_kept_is_said_not_to_be(bank: Bank) -> None:
    assert "Policy keeps no content of this exchange" in page(bank, of(bank, error_code="model_not_found"))


def test_in_chinese(bank: Bank) -> None:
    shown = page(bank, of(bank, principal="service-desk"), **{"accept-language": "zh-CN"})
    for words in ("发送给模型", "占位符", "依据 tenants.bank.models 允许", "时间分布"):
        assert words in shown


def test_the_proof_is_downloaded_and_verifies_without_us(bank: Bank, tmp_path: Path) -> None:
    record, browser = of(bank, principal="service-desk"), bank.browse(AUDITOR)
    vkey = browser.get(f"/exchanges/{record.call_id}/proof.json").json()["vkey"]
    file = tmp_path / "proof.zip"
    file.write_bytes(browser.get(f"/exchanges/{record.call_id}/proof.zip").content)
    zipfile.ZipFile(io.BytesIO(file.read_bytes())).extract("verify.py", tmp_path)
    done = subprocess.run([sys.executable, tmp_path / "verify.py", file, vkey], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:9]) == (0, "verified:"), done.stderr


def test_the_proof_says_nothing_but_hashes_and_the_notes_of_the_log(bank: Bank) -> None:
    record = of(bank, principal="service-desk")
    found = bank.browse(AUDITOR).get(f"/exchanges/{record.call_id}/proof.json").json()
    assert [entry["phase"] for entry in found["entries"]] == ["opened", "completed"]
    assert set(found["entries"][0]) == {"index", "seq", "kind", "phase", "at", "call_id", "salt", "commitment", "path"}
    assert found["note"].split("\n")[1] == str(found["size"])


@pytest.mark.parametrize("call", ["nope", "%2e%2e%2fkeys", "req_'; DROP TABLE entries", "张伟", "x" * 5_000])
def test_no_address_leads_anywhere_else(bank: Bank, call: str) -> None:
    assert bank.browse(AUDITOR).get(f"/exchanges/{call}").status_code == 404


def test_a_conversation_is_a_thread_in_which_nothing_is_said_twice(bank: Bank) -> None:
    record = of(bank, principal="service-desk")
    answer = bank.browse(AUDITOR).get("/conversation", params={"id": record.conversation or ""})
    assert answer.status_code == 200
    assert answer.text.count("Please write to") == 1
    assert answer.text.index("Please write to") < answer.text.index("Make it shorter")
    assert answer.text.count('<li class="turn">') == 2
