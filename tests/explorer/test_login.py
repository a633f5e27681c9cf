from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from gateway.app import build_gateway
from gateway.errors import Unauthenticated
from gateway.explorer.session import LARGEST_TOKEN
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person
from gateway.identity.pepper import load_pepper
from gateway.identity.virtual_keys import mint_for_person
from gateway.rules.identity import Role
from gateway.settings import Settings
from tests.explorer.bank import AUDITOR, DEVELOPER, EVERYBODY, OFFICER, OPERATOR, OTHER_OFFICER, Bank, open_bank, policy_of
from tests.explorer.record import acts, until
from tests.explorer.without_server import QuietLog, explorer_of
from tests.support.gateway import real_analyzer


def test_a_person_logs_in_and_out(bank: Bank) -> None:
    browser = bank.browse()
    assert browser.get("/").headers["location"] == "/explorer/login?next=%2Fexplorer%2F"
    answer = browser.log_in(bank.keys[AUDITOR])
    assert (answer.status_code, answer.headers["location"]) == (303, "/explorer/")
    assert browser.get("/").status_code == 200
    assert browser.send("/", "/logout", {}).headers["location"] == "/explorer/login"
    assert browser.get("/").status_code == 303
    done = [act.action.value for act in acts(bank, actor=AUDITOR)]
    assert done.index("explorer.login") < done.index("explorer.list") < done.index("explorer.logout")


def test_the_cookie_is_for_these_pages_and_for_no_script(bank: Bank) -> None:
    answer = bank.browse().log_in(bank.keys[AUDITOR])
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=strict", "path=/explorer", "max-age=28800"):
        assert word in cookie
    assert "secure" not in cookie
    assert bank.keys[AUDITOR] not in cookie


def test_behind_https_the_cookie_never_travels_in_the_open(bank: Bank) -> None:
    browser = bank.browse()
    fields = {"credential": bank.keys[AUDITOR], "next": ""}
    answer = browser.post("/login", fields, origin="https://gw.example", host="gw.example")
    assert answer.status_code == 303
    assert "secure" in answer.headers["set-cookie"].lower()


def test_one_is_led_back_to_where_one_wanted_to_go(bank: Bank) -> None:
    browser = bank.browse()
    to = browser.get("/acts?kind=keys").headers["location"]
    page = browser.get(to.removeprefix("/explorer")).text
    assert 'value="/explorer/acts?kind=keys"' in page
    fields = {"credential": bank.keys[AUDITOR], "next": "/explorer/acts?kind=keys"}
    assert browser.post("/login", fields).headers["location"] == "/explorer/acts?kind=keys"
    assert browser.post("/login", fields | {"next": "https://evil.example"}).headers["location"] == "/explorer/"


@pytest.mark.parametrize("credential", ["", "nonsense", "pga_abcdefgh_" + "x" * 43, "a.b.c"])
def test_a_wrong_key_shows_the_form_again_and_is_on_record(bank: Bank, credential: str) -> None:
    before = len(acts(bank, action="explorer.login", outcome="denied"))
    answer = bank.browse().log_in(credential)
    assert answer.status_code == 401
    assert "does not open the explorer" in answer.text
    assert "set-cookie" not in answer.headers
    assert credential == "" or credential not in answer.text
    assert len(acts(bank, action="explorer.login", outcome="denied")) == before + 1


def test_a_key_for_calling_models_opens_nothing_here(bank: Bank) -> None:
    assert bank.browse().log_in(bank.callers["app"]).status_code == 401


def test_a_developer_has_no_business_here(bank: Bank) -> None:
    answer = bank.browse().log_in(bank.keys[DEVELOPER])
    assert answer.status_code == 403
    assert "Not for your role" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_form_from_another_site_logs_nobody_in(bank: Bank) -> None:
    answer = bank.browse().post("/login", {"credential": bank.keys[AUDITOR]}, origin="https://evil.example")
    assert answer.status_code == 403


def test_a_form_without_its_token_changes_nothing(bank: Bank) -> None:
    browser = bank.browse(AUDITOR)
    assert browser.post("/logout", {}).status_code == 403
    assert browser.post("/logout", {"form": "0" * 64}).status_code == 403
    assert browser.get("/").status_code == 200


def test_the_token_of_one_session_is_of_no_use_in_another(bank: Bank) -> None:
    token = re.search(r'name="form" value="([0-9a-f]+)"', bank.browse(AUDITOR).get("/").text)
    assert token is not None
    assert bank.browse(AUDITOR).post("/logout", {"form": token[1]}).status_code == 403


def test_language_and_theme_are_chosen_in_the_page(bank: Bank) -> None:
    browser = bank.browse()
    assert '<html lang="en" data-theme="auto">' in browser.get("/login").text
    assert '<html lang="zh-CN"' in browser.get("/login", headers={"accept-language": "zh-TW,zh;q=0.9"}).text
    answer = browser.post("/appearance", {"language": "zh-CN", "back": "/explorer/login"})
    assert answer.headers["location"] == "/explorer/login"
    browser.post("/appearance", {"theme": "dark", "back": "//evil.example"})
    browser.post("/appearance", {"theme": "<script>", "language": "xx"})
    page = browser.get("/login").text
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert "登录" in page


def test_a_session_ends_with_the_key_and_with_the_role(tmp_path: Path) -> None:
    with open_bank(tmp_path) as bank:
        store, settings = KeyStore(bank.gateway.settings.keys_path), bank.gateway.settings
        auditor, officer, operator = bank.browse(AUDITOR), bank.browse(OFFICER), bank.browse(OPERATOR)
        spare = mint_for_person(load_pepper(settings.secret_path, {}), person=EVERYBODY, now=datetime.now(UTC))
        store.add(spare.record)
        store.revoke(bank.keys[AUDITOR][:12], datetime.now(UTC))
        changed = policy_of(bank.backend.url).replace(
            "officer@bank: {roles: [privacy_officer]", "officer@bank: {roles: [developer]"
        )
        settings.policy.write_text(changed)
        until(lambda: auditor.get("/").status_code == 303)
        until(lambda: officer.get("/").status_code == 403)
        assert operator.get("/").status_code == 200
        settings.policy.write_text(changed.partition("identity:")[0])
        until(lambda: operator.get("/").status_code == 404)
        for path in ("/login", "/static/explorer.css", "/nothing"):
            assert bank.browse().get(path).status_code == 404


def test_a_session_is_of_who_logged_in_whoever_the_keys_record_names(tmp_path: Path) -> None:
    """Somebody who can write to where keys lie would else be two officers, one after the other."""
    with open_bank(tmp_path) as bank:
        officer, path = bank.browse(OFFICER), bank.gateway.settings.keys_path
        assert officer.get("/grants").status_code == 200
        with closing(sqlite3.connect(path)) as keys, keys:
            keys.execute("UPDATE virtual_keys SET principal = ? WHERE principal = ?", (OTHER_OFFICER, OFFICER))
        until(lambda: officer.get("/grants").status_code == 303)


def test_whoever_fails_too_often_has_to_wait_and_locks_nobody_out(tmp_path: Path) -> None:
    with open_bank(tmp_path) as bank:
        answers = [bank.browse().log_in(f"guess-{number}").status_code for number in range(24)]
        assert answers[:20] == [401] * 20
        assert 429 in answers[20:]
        assert bank.browse().log_in(bank.keys[AUDITOR]).status_code == 303
        assert len(acts(bank, action="explorer.login", outcome="denied")) == answers.count(401)


async def test_a_token_of_an_identity_provider_opens_it_for_as_long_as_it_holds(bank: Bank) -> None:
    given = {"good": Person(id="alice", roles=frozenset({Role.AUDITOR}), tenants=frozenset({"bank"}))}
    given["x" * (LARGEST_TOKEN + 1)] = given["good"]

    async def person(credential: str | None) -> Person:
        if credential not in given:
            raise Unauthenticated("The token's time of expiry (exp) is not right.")
        return given[credential]

    async with explorer_of(bank, QuietLog(), person=person) as http:
        sent = {"origin": "http://gateway"}
        assert (await http.post("/login", data={"credential": "good"}, headers=sent)).status_code == 303
        assert (await http.get("/policy")).status_code == 200
        long = await http.post("/login", data={"credential": "x" * (LARGEST_TOKEN + 1)}, headers=sent)
        assert (long.status_code, "too long" in long.text) == (413, True)
        del given["good"]
        assert (await http.get("/policy")).status_code == 303


def test_with_a_port_of_its_own_it_is_on_no_other(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(policy_of("http://127.0.0.1:9/v1"))
    settings = Settings(policy=tmp_path / "policy.yaml", state_dir=tmp_path / "state", port=0, admin_port=0)
    gateway = build_gateway(settings, {}, recognizers=lambda: real_analyzer().recognizers)
    assert gateway.admin is not None
    assert _finds(gateway.admin, "/explorer/login")
    assert not _finds(gateway.app, "/explorer/login")


def _finds(app: FastAPI, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(dict(scope))[0] is Match.FULL for route in app.routes)
