"""What must never open the gateway, as an attacker would send it."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from gateway.errors import Unauthenticated
from gateway.identity.claims import TokenIdentity
from gateway.identity.issuers import Issuers
from gateway.identity.key_set import KeySet, parse_key_set
from gateway.identity.key_source import KeySource
from gateway.rules.identity import ClaimSource, IssuerRules
from tests.identity.signing import ISSUER, NOW, Idp, claims, ec, issuers, published, rsa, rules, segment, signed


async def verify(token: str, *written: IssuerRules) -> TokenIdentity:
    return await issuers(Idp(), *written).verify(token, NOW)


def forged_hmac(**changes: Any) -> str:
    """The public key, as anyone may read it, used as a shared secret."""
    pem = rsa().as_pem(private=False)
    header = {"alg": "HS256", "kid": "r1", "typ": "JWT", **changes}
    begun = f"{segment(header)}.{segment(claims())}"
    return f"{begun}.{segment(hmac.digest(pem, begun.encode(), 'sha256'))}"


def with_part(index: int, change: Callable[[str], str]) -> str:
    parts = signed(claims()).split(".")
    parts[index] = change(parts[index])
    return ".".join(parts)


def resigned(**header: Any) -> str:
    return signed(claims(), header=header)


def text(json_text: str) -> bytes:
    return json_text.encode("utf-8", "surrogatepass")


def duplicated(name: str, first: object, second: object) -> bytes:
    body = json.dumps(claims())[1:]
    return f'{{"{name}":{json.dumps(first)},"{name}":{json.dumps(second)},{body}'.encode()


def deep(levels: int) -> bytes:
    return json.dumps(claims())[:-1].encode() + b',"x":' + b"[" * levels + b"]" * levels + b"}"


UNREADABLE = "cannot be read"
ATTACKS: dict[str, tuple[Callable[[], str], str]] = {
    # the algorithm
    "none": (
        lambda: f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(claims())}.{segment(b'x')}",
        "algorithm is not accepted",
    ),
    "none without signature": (lambda: f"{segment({'alg': 'none'})}.{segment(claims())}.", UNREADABLE),
    "NoNe": (lambda: resigned(alg="NoNe"), "algorithm is not accepted"),
    "HS256 with the public key": (forged_hmac, "algorithm is not accepted"),
    "HS256 said to be RS256": (lambda: forged_hmac(alg="RS256"), "signature is not right"),
    "HS256 with an empty secret": (lambda: signed(claims(), OctKey.import_key("x" * 32, {"kid": "r1"}), "HS256"), "algorithm"),
    "swapped within RSA, not listed": (lambda: signed(claims(), alg="RS512"), "algorithm is not accepted"),
    "swapped within RSA, said to be RS256": (
        lambda: signed(claims(), alg="PS256", header={"alg": "RS256"}),
        "signature is not",
    ),
    "ES256 with the RSA key's kid": (lambda: signed(claims(), ec(), "ES256", header={"kid": "r1"}), "not signed with a key"),
    "RS256 with the EC key's kid": (lambda: signed(claims(), header={"kid": "e1"}), "not signed with a key"),
    "no alg": (lambda: resigned(alg=None), "does not name its algorithm"),
    "alg is a list": (lambda: resigned(alg=["RS256"]), "does not name its algorithm"),
    # the header
    "jwk of the sender": (
        lambda: signed(claims(), rsa("evil"), header={"jwk": rsa("evil").as_dict(private=False)}),
        "header has a",
    ),
    "jku": (lambda: resigned(jku="https://evil.example.com/keys"), "header has a"),
    "x5u": (lambda: resigned(x5u="https://evil.example.com/cert"), "header has a"),
    "x5c": (lambda: resigned(x5c=["MIIB"]), "header has a"),
    "crit": (lambda: resigned(crit=["exp"], exp=1), "header has a"),
    "crit b64": (lambda: resigned(crit=["b64"], b64=False), "header has a"),
    "b64": (lambda: resigned(b64=False), "header has a"),
    "nested": (lambda: resigned(cty="JWT"), "header has a"),
    "zip": (lambda: resigned(zip="DEF"), "header has a"),
    "typ of another kind": (lambda: resigned(typ="dpop+jwt"), "not of the type"),
    "typ of a logout token": (lambda: resigned(typ="logout+jwt"), "not of the type"),
    "typ is a number": (lambda: resigned(typ=1), "not of the type"),
    "header is a list": (lambda: signed(claims(), header=b"[]"), UNREADABLE),
    "header names alg twice": (lambda: signed(claims(), header=b'{"alg":"RS256","alg":"none","kid":"r1"}'), UNREADABLE),
    # the key
    "kid unknown": (lambda: resigned(kid="nope"), "not signed with a key"),
    "kid is a path": (lambda: resigned(kid="../../../../dev/null"), "not signed with a key"),
    "kid is SQL": (lambda: resigned(kid="x' UNION SELECT 'secret"), "not signed with a key"),
    "kid is a URL": (lambda: resigned(kid="https://evil.example.com/k"), "not signed with a key"),
    "kid is long": (lambda: resigned(kid="k" * 300), "kid is not a short text"),
    "kid is a list": (lambda: resigned(kid=["r1"]), "kid is not a short text"),
    "no kid among several": (lambda: resigned(kid=None), "not signed with a key"),
    "signed by a stranger": (lambda: signed(claims(), rsa("evil"), header={"kid": "r1"}), "signature is not right"),
    # issuer and audience
    "iss of nobody": (lambda: signed(claims(iss="https://evil.example.com")), "issuer is not accepted"),
    "iss with a slash more": (lambda: signed(claims(iss=ISSUER + "/")), "issuer is not accepted"),
    "iss in capitals": (lambda: signed(claims(iss=ISSUER.upper())), "issuer is not accepted"),
    "iss is a list": (lambda: signed(claims(iss=[ISSUER])), "does not name its issuer"),
    "no iss": (lambda: signed(claims(iss=None)), "does not name its issuer"),
    "aud of others": (lambda: signed(claims(aud=["billing", "crm"])), "not meant for this gateway"),
    "aud in part": (lambda: signed(claims(aud="gateway2")), "not meant for this gateway"),
    "aud empty": (lambda: signed(claims(aud=[])), "not meant for this gateway"),
    "aud is a number": (lambda: signed(claims(aud=1)), "not meant for this gateway"),
    "aud is an object": (lambda: signed(claims(aud={"gateway": True})), "not meant for this gateway"),
    "aud with a number": (lambda: signed(claims(aud=["gateway", 1])), "not meant for this gateway"),
    "no aud": (lambda: signed(claims(aud=None)), "lacks one of"),
    # times
    "expired": (lambda: signed(claims(exp=NOW - 31, iat=NOW - 600)), "has expired"),
    "expired at the end of the leeway": (lambda: signed(claims(exp=NOW - 30, iat=NOW - 600)), "has expired"),
    "nbf in the future": (lambda: signed(claims(nbf=NOW + 31)), "not valid yet"),
    "nbf is text": (lambda: signed(claims(nbf=str(NOW))), "not valid yet"),
    "no exp": (lambda: signed(claims(exp=None)), "lacks one of"),
    "no iat": (lambda: signed(claims(iat=None)), "lacks one of"),
    "exp is text": (lambda: signed(claims(exp=str(NOW + 600))), "(exp) is not right"),
    "exp is true": (lambda: signed(claims(exp=True)), "(exp) is not right"),
    "exp is a list": (lambda: signed(claims(exp=[NOW + 600])), "(exp) is not right"),
    "exp is NaN": (lambda: signed(text(json.dumps(claims(exp=float("nan"))))), UNREADABLE),
    "exp is Infinity": (lambda: signed(text(json.dumps(claims(exp=float("inf"))))), UNREADABLE),
    "exp is 1e999": (lambda: signed(text(json.dumps(claims()).replace(str(NOW + 600), "1e999"))), "(exp) is not right"),
    "exp is huge": (lambda: signed(claims(exp=10**400)), "lifetime"),
    "exp is huge and iat a fraction": (lambda: signed(claims(exp=10**400, iat=NOW - 0.5)), "lifetime"),
    "exp has too many digits": (lambda: signed(text(json.dumps(claims()).replace(str(NOW + 600), "9" * 5_000))), UNREADABLE),
    "made to live too long": (lambda: signed(claims(exp=NOW + 86_400)), "lifetime"),
    "iat in the future": (lambda: signed(claims(iat=NOW + 31)), "(iat) is not right"),
    "iat after exp": (lambda: signed(claims(iat=NOW + 20, exp=NOW + 10)), "lifetime"),
    "iat before time": (lambda: signed(claims(iat=-(10**300))), "lifetime"),
    # whom it names
    "tenant of another issuer": (lambda: signed(claims(org="beta")), "may not speak for"),
    "tenant is a list": (lambda: signed(claims(org=["acme"])), "for the tenant is missing"),
    "no sub": (lambda: signed(claims(sub=None)), "for the principal is missing"),
    "sub is a number": (lambda: signed(claims(sub=7)), "claims are not right"),
    "sub is empty": (lambda: signed(claims(sub="")), "for the principal is missing"),
    "sub with a slash": (lambda: signed(claims(sub="acme/root")), "for the principal is missing"),
    "sub with a line break": (lambda: signed(claims(sub="alice\n")), "for the principal is missing"),
    "sub in look-alikes": (lambda: signed(claims(sub="аlice")), "for the principal is missing"),
    "sub with a surrogate": (lambda: signed(text('{"sub":"\\ud800",' + json.dumps(claims(sub=None))[1:])), "for the principal"),
    "team is a list": (lambda: signed(claims(team=["core"])), "for the team is missing"),
    "roles as one text": (lambda: signed(claims(groups="eng aud")), "not a list of texts"),
    "roles as an object": (lambda: signed(claims(groups={"aud": True})), "not a list of texts"),
    "roles with half a character": (lambda: signed(claims(groups=["eng", "\ud800"])), "not a list of texts"),
    "roles with U+0000": (lambda: signed(claims(groups=["eng\0"])), "not a list of texts"),
    "roles with a number": (lambda: signed(claims(groups=["eng", 1])), "not a list of texts"),
    "roles null": (
        lambda: signed(text(json.dumps(claims())[:-1] + ',"groups":null}').replace(b'"groups": ["eng", "aud"], ', b"")),
        "",
    ),
    # the text itself
    "sub stands twice": (lambda: signed(duplicated("sub", "root", "alice")), UNREADABLE),
    "exp stands twice": (lambda: signed(duplicated("exp", NOW, NOW + 5)), UNREADABLE),
    "a name stands twice, deep down": (lambda: signed(text(json.dumps(claims())[:-1] + ',"x":{"a":1,"a":2}}')), UNREADABLE),
    "deeply nested": (lambda: signed(deep(2_500)), UNREADABLE),
    "payload is a list": (lambda: signed([claims()]), UNREADABLE),
    "payload is no JSON": (lambda: signed(b"{"), UNREADABLE),
    "payload is no UTF-8": (lambda: signed(b'{"iss":"\xff"}'), UNREADABLE),
    "payload in UTF-16": (lambda: signed(json.dumps(claims()).encode("utf-16")), UNREADABLE),
    "payload with a byte order mark": (lambda: signed(b"\xef\xbb\xbf" + json.dumps(claims()).encode()), UNREADABLE),
    "payload empty": (lambda: signed(b""), UNREADABLE),
    "two parts": (lambda: signed(claims()).rpartition(".")[0], UNREADABLE),
    "four parts": (lambda: signed(claims()) + ".x", UNREADABLE),
    "five parts, as encrypted": (lambda: ".".join(["e30"] * 5), UNREADABLE),
    "garbage": (lambda: "a.b.c", UNREADABLE),
    "only dots": (lambda: "..", UNREADABLE),
    "signature truncated": (lambda: with_part(2, lambda part: part[:-4]), "signature is not right"),
    "signature empty": (lambda: with_part(2, lambda part: ""), UNREADABLE),
    "signature of zeros": (lambda: with_part(2, lambda part: segment(bytes(256))), "signature is not right"),
    "signature padded": (lambda: with_part(2, lambda part: part + "=="), UNREADABLE),
    "signature in base64, not base64url": (
        lambda: with_part(2, lambda part: base64.b64encode(b"\xff" * 256).decode().rstrip("=")),
        UNREADABLE,
    ),
    "signature with other last bits": (lambda: with_part(2, lambda part: part[:-1] + chr(ord(part[-1]) + 1)), "not right"),
    "white space inside": (lambda: with_part(1, lambda part: part[:9] + " " + part[9:]), UNREADABLE),
    "a line break inside": (lambda: with_part(1, lambda part: part[:9] + "\n" + part[9:]), UNREADABLE),
    "a line break at the end": (lambda: signed(claims()) + "\n", UNREADABLE),
    "not ASCII": (lambda: with_part(1, lambda part: part + "é"), "not ASCII text"),
    "full-width letters": (lambda: signed(claims()).replace("e", "ｅ"), "not ASCII text"),
    "too long": (lambda: signed(claims(x="x" * 8_192)), "at most 8192 characters"),
    "enormous": (lambda: "a" * 5_000_000 + ".b.c", "at most 8192 characters"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_attacks_are_refused_without_being_quoted(name: str) -> None:
    make, why = ATTACKS[name]
    token = make()
    written = rules(team=ClaimSource(claim="team"), tenants=frozenset({"acme", "gamma"}), tenant=ClaimSource(claim="org"))
    if '"org"' not in _payload(token) and "org" not in name:
        written = rules(team=ClaimSource(claim="team"))
    with pytest.raises(Unauthenticated) as caught:
        await verify(token, written)
    assert why in caught.value.message
    assert caught.value.__cause__ is None
    assert not any(part and part in caught.value.message for part in token.split(".") if len(part) > 3)


def _payload(token: str) -> str:
    part = token.split(".")[1] if token.count(".") == 2 and len(token) < 9_000 else ""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")
    except ValueError:
        return ""


def _mutations(token: str) -> st.SearchStrategy[str]:
    place = st.integers(0, len(token) - 1)
    letter = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é")
    return st.one_of(
        st.builds(lambda at, by: token[:at] + by + token[at + 1 :], place, letter),
        st.builds(lambda at, by: token[:at] + by + token[at:], place, letter),
        st.builds(lambda at, many: token[:at] + token[at + many :], place, st.integers(1, 8)),
        st.builds(lambda at: token[at:] + token[:at], place),
        st.builds(lambda at, many: token[:at] + token[at : at + many] * 2 + token[at + many :], place, st.integers(1, 8)),
    ).filter(lambda changed: changed != token)


@pytest.mark.parametrize(("alg", "key"), [("RS256", rsa), ("ES256", ec)])
def test_no_mutation_of_a_valid_token_is_accepted(alg: str, key: Callable[[], Any]) -> None:
    token = signed(claims(), key(), alg)
    keys = parse_key_set(published(rsa(), ec()))

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(_mutations(token))
    def refused(changed: str) -> None:
        with pytest.raises(Unauthenticated):
            _run(changed, keys)

    refused()


def _run(token: str, keys: KeySet) -> TokenIdentity:
    """Verify without an event loop: the keys are at hand, so nothing waits."""

    class AtHand(KeySource):
        async def find(self, kid: str | None, algorithm: str) -> Any:
            found = keys.find(kid, algorithm)
            if found is None:
                raise Unauthenticated("no such key")
            return found

    async def never() -> KeySet:
        raise AssertionError

    made = Issuers((rules(),), lambda _: AtHand(never, name="idp"), b"k" * 32)
    coroutine = made.verify(token, NOW)
    try:
        coroutine.send(None)
    except StopIteration as done:
        found: TokenIdentity = done.value
        return found
    raise AssertionError("it waited")
