from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.errors import GatewayError, ProtectionUnavailable, Unauthenticated
from gateway.exchange import Principal
from gateway.exchange.peer import Peer
from gateway.identity.authenticator import Authenticator
from gateway.identity.key_store import KeyStore
from gateway.identity.people import Person
from gateway.identity.pepper import Pepper
from gateway.identity.virtual_keys import NewKey, mint, mint_for_person
from gateway.rules.identity import ClaimSource, IdentityRules, PersonRules, ProxyRules, Role
from tests.identity import signing
from tests.identity.signing import Idp, claims, rules, signed

NOW = datetime.fromtimestamp(signing.NOW, UTC)
PEPPER = Pepper(b"p" * 32)
APP = Principal(tenant="demo", id="app")
IDP = rules(tenants=frozenset({"demo"}), principal=ClaimSource(claim="sub"), team=ClaimSource(claim="team"))
PROXY = ProxyRules(header="x-client-subject", trusted=(ip_network("10.0.0.0/8"),), subjects={"CN=app": ("demo", "app")})
SUBJECT = Peer(address="10.0.0.1", header=lambda _: ["CN=app"])


@dataclass
class Directory:
    anonymous: Principal | None = None
    known: Mapping[tuple[str, str], str | None] = field(
        default_factory=lambda: {("demo", "app"): None, ("demo", "alice"): "core"}
    )
    identity: IdentityRules = field(default_factory=IdentityRules)

    def place(self, principal: Principal) -> Principal | None:
        who = (principal.tenant, principal.id)
        return replace(principal, team=self.known[who]) if who in self.known else None


@dataclass
class Source:
    current: Directory = field(default_factory=Directory)


@dataclass
class Door:
    """An authenticator with all it stands on: a real store, an issuer, and a clock and policy that tests set."""

    folder: Path
    source: Source = field(default_factory=Source)
    now: datetime = NOW
    idp: Idp = field(default_factory=Idp)

    def __post_init__(self) -> None:
        self.store = KeyStore(self.folder / "keys.sqlite", refresh_s=0)
        made = Authenticator(self.store, PEPPER, self.source, clock=lambda: self.now, connect=self.idp.source)
        self.authenticate, self.person, self.still = made.authenticate, made.person, made.still

    def issue(self, principal: str = "app", expires: datetime | None = None) -> NewKey:
        return self._kept(mint(PEPPER, tenant="demo", principal=principal, now=NOW, expires=expires))

    def issue_for(self, person: str, expires: datetime | None = None) -> NewKey:
        return self._kept(mint_for_person(PEPPER, person=person, now=NOW, expires=expires))

    def _kept(self, key: NewKey) -> NewKey:
        self.store.add(key.record)
        return key


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path)
    yield door
    door.store.close()


@pytest.fixture
def open_door(door: Door) -> Door:
    """One where tokens, a proxy and people are known too."""
    people = {"carol": PersonRules(roles=frozenset({Role.OPERATOR}))}
    door.source.current.identity = IdentityRules(issuers=(IDP,), proxy=PROXY, people=people)
    return door


async def test_a_key_gives_its_principal(door: Door) -> None:
    key = door.issue("alice")
    expected = Principal(tenant="demo", id="alice", team="core", key_id=key.record.key_id)
    assert await door.authenticate(key.plaintext) == expected


async def test_revoked_expired_and_orphaned_keys_say_why(door: Door) -> None:
    revoked, expired, orphan = door.issue(), door.issue(expires=NOW + timedelta(days=1)), door.issue("gone")
    assert await door.authenticate(expired.plaintext)
    door.store.revoke(revoked.record.key_id, NOW)
    door.now = NOW + timedelta(days=1)
    for key, why in ((revoked, "revoked"), (expired, "expired"), (orphan, "not in the gateway's policy")):
        with pytest.raises(Unauthenticated, match=why) as caught:
            await door.authenticate(key.plaintext)
        assert key.record.key_id not in caught.value.message


async def test_a_principal_that_leaves_the_policy_is_out(door: Door) -> None:
    key = door.issue()
    assert await door.authenticate(key.plaintext)
    door.source.current = Directory(known={})
    with pytest.raises(Unauthenticated):
        await door.authenticate(key.plaintext)


async def test_whoever_lacks_the_secret_does_not_learn_the_state_of_a_key(door: Door) -> None:
    key = door.issue(expires=NOW)
    forged = key.record.key_id + "_" + "A" * 43
    with pytest.raises(Unauthenticated, match=r"^The API key is not valid\.$"):
        await door.authenticate(forged)


@pytest.mark.parametrize("credential", [None, "", " ", "none", "None", "anonymous", "EMPTY"])
async def test_without_a_key_policy_decides(door: Door, credential: str | None) -> None:
    with pytest.raises(Unauthenticated, match="An API key is needed"):
        await door.authenticate(credential)
    door.source.current = Directory(anonymous=APP)
    assert await door.authenticate(credential) == APP


@pytest.mark.parametrize(
    "credential", ["sk-topsecret", "pgw_abcdefgh_" + "x" * 43, "topsecret\udc80", "密钥", "x" * 100_000, "a.b.c", "pgw_a.b.c"]
)
async def test_a_wrong_key_is_never_anonymous_and_never_quoted(door: Door, credential: str) -> None:
    door.source.current = Directory(anonymous=APP)
    with pytest.raises(Unauthenticated) as caught:
        await door.authenticate(credential)
    assert caught.value.message == "The API key is not valid."
    assert caught.value.__cause__ is None


async def test_a_revoked_key_is_never_anonymous(door: Door) -> None:
    door.source.current = Directory(anonymous=APP)
    key = door.issue()
    door.store.revoke(key.record.key_id, NOW)
    with pytest.raises(Unauthenticated, match="revoked"):
        await door.authenticate(key.plaintext)


async def test_without_a_store_nobody_with_a_key_gets_in(door: Door) -> None:
    key = door.issue()
    for file in door.folder.iterdir():
        file.unlink()
    with pytest.raises(ProtectionUnavailable):
        await door.authenticate(key.plaintext)


async def test_a_key_costs_one_hmac_and_no_look_at_issuers(open_door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    key = open_door.issue()
    await open_door.authenticate(key.plaintext)
    digests: list[str] = []
    digest = hmac.digest

    def counted(secret: bytes, message: bytes, how: str) -> bytes:
        digests.append(how)
        return digest(secret, message, how)

    monkeypatch.setattr(hmac, "digest", counted)
    monkeypatch.setattr(Authenticator, "_issuers_under", lambda *_: pytest.fail("looked at issuers"))
    await open_door.authenticate(key.plaintext)
    assert len(digests) == 1


async def test_a_token_gives_its_principal(open_door: Door) -> None:
    found = await open_door.authenticate(signed(claims(team="core", groups=["aud"])))
    assert found == Principal(tenant="demo", id="alice", team="core", roles=frozenset({"aud"}))
    with pytest.raises(Unauthenticated, match="not in the gateway's policy"):
        await open_door.authenticate(signed(claims(sub="mallory")))


async def test_a_bad_token_is_never_anonymous(open_door: Door) -> None:
    open_door.source.current.anonymous = APP
    with pytest.raises(Unauthenticated, match="expired"):
        await open_door.authenticate(signed(claims(exp=signing.NOW - 100, iat=signing.NOW - 200)))


async def test_a_token_means_nothing_until_policy_names_its_issuer(open_door: Door) -> None:
    token = signed(claims())
    assert await open_door.authenticate(token)
    open_door.source.current.identity = replace(open_door.source.current.identity, issuers=())
    with pytest.raises(Unauthenticated, match="not valid"):
        await open_door.authenticate(token)
    open_door.source.current.identity = IdentityRules(issuers=(IDP,))
    assert await open_door.authenticate(token)


async def test_keys_of_issuers_stay_over_a_reload(open_door: Door) -> None:
    await open_door.authenticate(signed(claims()))
    same = IdentityRules(issuers=(replace(IDP),), proxy=PROXY)
    for identity in (same, IdentityRules(issuers=(replace(IDP, leeway_s=1),))):
        open_door.source.current = Directory(identity=identity)
        await open_door.authenticate(signed(claims()))
    assert open_door.idp.fetches == 1


async def test_keys_never_go_the_way_of_tokens_nor_tokens_that_of_keys(
    open_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_door.store, "find", lambda _: pytest.fail("a token was looked for among keys"))
    assert await open_door.authenticate(signed(claims()))
    monkeypatch.setattr("gateway.identity.issuers.Issuers.verify", lambda *_: pytest.fail("a key was read as a token"))
    for credential in ("pgw_a.b.c", "pgw_" + signed(claims()), "pga_a.b.c", "pga_" + signed(claims())):
        for ask in (open_door.authenticate, open_door.person):
            with pytest.raises(Unauthenticated):
                await ask(credential)


async def test_a_proxy_names_the_caller(open_door: Door) -> None:
    assert await open_door.authenticate("none", SUBJECT) == APP
    with pytest.raises(Unauthenticated, match="An API key is needed"):
        await open_door.authenticate(None, replace(SUBJECT, address="192.0.2.1"))


async def test_two_identities_on_one_request_have_to_agree(open_door: Door) -> None:
    key = open_door.issue("app")
    assert (await open_door.authenticate(key.plaintext, SUBJECT)).key_id == key.record.key_id
    for credential in (open_door.issue("alice").plaintext, signed(claims())):
        with pytest.raises(Unauthenticated, match="different principals"):
            await open_door.authenticate(credential, SUBJECT)
    with pytest.raises(Unauthenticated, match="not valid"):
        await open_door.authenticate("sk-wrong", SUBJECT)


async def test_a_persons_key_is_for_administration_only(open_door: Door) -> None:
    key = open_door.issue_for("carol")
    expected = Person(id="carol", roles=frozenset({Role.OPERATOR}), tenants=None, key_id=key.record.key_id)
    assert await open_door.person(key.plaintext) == expected
    with pytest.raises(Unauthenticated, match="administration only"):
        await open_door.authenticate(key.plaintext)
    with pytest.raises(Unauthenticated, match="for calling models"):
        await open_door.person(open_door.issue().plaintext)


async def test_a_persons_token(open_door: Door) -> None:
    found = await open_door.person(signed(claims()))
    assert found == Person(id="idp/alice", roles=frozenset({Role.AUDITOR, Role.DEVELOPER}), tenants=frozenset({"demo"}))


async def test_nobody_administers_without_a_valid_credential(open_door: Door) -> None:
    open_door.source.current.anonymous = APP
    revoked, expired, gone = open_door.issue_for("carol"), open_door.issue_for("carol", NOW), open_door.issue_for("dave")
    open_door.store.revoke(revoked.record.key_id, NOW)
    refused = [None, "", "none", "sk-x", "a.b.c", signed(claims(groups=[])), "pga_aaaaaaaa_" + "x" * 43]
    for credential in [*refused, revoked.plaintext, expired.plaintext, gone.plaintext]:
        with pytest.raises(GatewayError) as caught:
            await open_door.person(credential)
        assert caught.value.status == 401


async def test_whoever_was_let_in_is_welcome_until_the_key_is_revoked(door: Door) -> None:
    key = door.issue(expires=NOW + timedelta(minutes=1))
    who = await door.authenticate(key.plaintext)
    await door.still(who)
    door.now += timedelta(minutes=2)
    await door.still(who)  # what has expired ends nothing that was begun
    door.store.revoke(key.record.key_id, door.now)
    with pytest.raises(Unauthenticated, match="revoked"):
        await door.still(who)


async def test_whoever_is_taken_out_of_the_policy_is_welcome_no_more(door: Door) -> None:
    who = await door.authenticate(door.issue().plaintext)
    door.source.current = Directory(known={})
    with pytest.raises(Unauthenticated, match="not in the gateway's policy"):
        await door.still(who)
    door.source.current = Directory(known={}, anonymous=APP)
    await door.still(await door.authenticate(None))


async def test_where_keys_cannot_be_read_nobody_can_tell(door: Door) -> None:
    who = await door.authenticate(door.issue().plaintext)
    door.store.close()
    (door.folder / "keys.sqlite").unlink()
    with pytest.raises(ProtectionUnavailable):
        await door.still(who)
