"""`gateway subject`, on a state folder as a gateway leaves it."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway.caching.redis_store import RedisStore
from gateway.caching.store import Name
from gateway.identity.pepper import load_pepper
from gateway.shared.place import RedisPlace
from gateway.store.tables.content import KEPT
from tests.assurance.kept import ANNA, House
from tests.cli.running import acts, run
from tests.limits.conftest import RedisServer

VALUES = f"{ANNA}\n\n anna@example.com \n"


def test_find_shows_the_exchanges_and_keeps_the_value_to_itself(house: House) -> None:
    shown = run("subject", "find", "--tenant", "bank", given=VALUES)
    assert shown.exit_code == 0, shown.output
    assert [line.split()[1:] for line in shown.stdout.splitlines()] == [
        ["call_1", "app", "m", "originals", "sealed"],
        ["call_2", "app", "m", "no", "originals"],
    ]
    assert "2 exchanges" in shown.stderr
    as_json = run("subject", "find", "--tenant", "bank", "--json", "ANNA SCHMIDT")
    (found,) = map(json.loads, as_json.stdout.splitlines())
    assert (found["call_id"], found["principal"], found["originals"]) == ("call_1", "app", True)
    first, second = acts(house)
    assert (first.action, first.actor, first.tenant, first.outcome) == ("subject.find", "cli:olga", "bank", "done")
    assert (first.target or "").count("tag:") == 2
    assert (second.target or "") in (first.target or "")
    assert "Anna" not in first.to_json()


def test_who_is_not_there_is_not_found(house: House) -> None:
    nobody = run("subject", "find", "--tenant", "bank", "Nobody")
    assert (nobody.exit_code, nobody.stdout) == (0, "")
    for words, said in ((("--tenant", "shop", ANNA), "Nothing was ever kept"), (("--tenant", "bank", ""), "Give a value")):
        refused = run("subject", "find", *words)
        assert refused.exit_code == 1
        assert said in refused.stderr
    assert len(acts(house)) == 1


def test_export_is_for_the_person_alone(house: House, tmp_path: Path) -> None:
    out = tmp_path / "anna.json"
    assert run("subject", "export", "--tenant", "bank", "--out", out, given=VALUES).exit_code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    exported = json.loads(out.read_text())
    assert [one["your_values"] for one in exported["exchanges"]] == [{"<PERSON_1>": ANNA}, {}]
    again = run("subject", "export", "--tenant", "bank", "--out", out, ANNA)
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)
    assert [act.outcome for act in acts(house)] == ["done", "failed"]


def test_erase_leaves_a_certificate_that_can_be_checked(house: House, tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    refused = run("subject", "erase", "--tenant", "bank", "--certificate", path, ANNA, given="n\n")
    assert (refused.exit_code, path.exists()) == (1, False)
    assert "erase the content of 1 exchange for good?" in refused.output
    done = run("subject", "erase", "--tenant", "bank", "--certificate", path, "--yes", given=VALUES)
    assert done.stdout == "erased: the content of 2 exchanges, 3 data keys\n", done.output
    key = run("audit", "key").stdout.strip()
    checked = run("subject", "verify-certificate", path, key)
    assert checked.exit_code == 0
    said = json.loads(checked.stdout)
    assert (said["asked_by"], said["exchanges"], said["tenant"]) == ("cli:olga", 2, "bank")
    assert said["log"]["act_id"] == acts(house)[-1].act_id
    assert run("audit", "verify", "--key", key).exit_code == 0
    path.write_text(path.read_text().replace('"exchanges": 2', '"exchanges": 1'))
    assert "NOT VERIFIED" in run("subject", "verify-certificate", path, key).stderr
    assert "NOT VERIFIED" in run("subject", "verify-certificate", tmp_path / "none", key).stderr
    assert run("subject", "find", "--tenant", "bank", given=VALUES).stdout == ""


def test_where_nobody_can_be_asked_it_names_the_option(house: House, tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    refused = run("subject", "erase", "--tenant", "bank", "--certificate", path, given=VALUES)
    assert (refused.exit_code, path.exists()) == (1, False)
    assert "nothing was erased; where nobody can be asked, give --yes" in refused.stderr
    assert house.content("call_1").originals


def test_erase_reaches_answers_on_redis(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = load_pepper(house.folder / "gateway.secret", {}).key_for("cache")
    monkeypatch.delenv("GATEWAY_SECRET", raising=False)
    server = RedisServer()
    try:
        monkeypatch.setenv("GATEWAY_REDIS_URL", server.url)
        asyncio.run(_cached(RedisStore(RedisPlace(server.url), secret), ("bank", "bank", "shop")))
        done = run("subject", "erase", "--tenant", "bank", "--certificate", tmp_path / "one.txt", "--yes", ANNA)
        assert done.stdout.endswith(", and 2 things elsewhere\n"), done.output
        assert len(list(server.client.scan_iter("*:answer:*"))) == 1
    finally:
        server.stop()
    gone = run("subject", "erase", "--tenant", "bank", "--certificate", tmp_path / "two.txt", "--yes", ANNA)
    assert gone.exit_code == 1
    assert not (tmp_path / "two.txt").exists()


async def _cached(store: RedisStore, tenants: Sequence[str]) -> None:
    for number, tenant in enumerate(tenants):
        name = Name(tenant, "m", bytes([number]) * 32)
        found = await store.get(name)
        await store.put(name, b"sealed", ttl_s=60, fence=found.fence)
    await store.close()


def test_a_certificate_is_never_written_over(house: House, tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    path.write_text("another")
    for command in (("erase", "--tenant", "bank", ANNA), ("erase-tenant", "bank")):
        refused = run("subject", *command, "--certificate", path, "--yes")
        assert "is there already" in refused.stderr
    assert path.read_text() == "another"
    assert house.content("call_1").originals


def test_what_could_not_be_certified_is_certified_by_the_same_command(house: House, tmp_path: Path) -> None:
    lost = run("subject", "erase", "--tenant", "bank", "--certificate", tmp_path / "no" / "folder", "--yes", ANNA)
    assert lost.exit_code == 1
    assert "all is erased, but" in lost.stderr
    path = tmp_path / "certificate.txt"
    assert run("subject", "erase", "--tenant", "bank", "--certificate", path, "--yes", ANNA).exit_code == 0
    assert '"exchanges": 1' in path.read_text()


def test_a_tenant_is_erased(house: House, tmp_path: Path) -> None:
    path = tmp_path / "certificate.txt"
    assert "nothing was ever kept" in run("subject", "erase-tenant", "typo", "--certificate", path, "--yes").stderr
    done = run("subject", "erase-tenant", "bank", "--certificate", path, given="y\n")
    assert "erased: the content of 2 exchanges, 4 data keys" in done.stdout
    assert '"tags": []' in path.read_text()
    assert "This tenant was erased" in run("subject", "find", "--tenant", "bank", ANNA).stderr
    assert acts(house)[-1].action == "tenant.erase"


def test_a_master_key_that_is_none_ends_the_command(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_MASTER_KEY", "nonsense")
    refused = run("subject", "find", "--tenant", "bank", ANNA)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "The variable GATEWAY_MASTER_KEY must hold master keys of 32 bytes, in base64.\n",
    )


def test_an_export_that_breaks_off_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    with house.database.writing() as connection:
        connection.execute(update(KEPT).where(KEPT.c.call_id == "call_2", KEPT.c.part == "reply").values(sealed=b"changed"))
    out = tmp_path / "anna.json"
    broken = run("subject", "export", "--tenant", "bank", "--out", out, given=VALUES)
    assert (broken.exit_code, out.exists()) == (1, False)
    assert acts(house)[-1].outcome == "failed"
