from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jwk import OctKey

from gateway.identity.key_set import MAX_BYTES, KeySet, parse_key_set
from tests.identity.signing import ec, okp, published, rsa


def document(*keys: Any) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


def public(**changes: Any) -> dict[str, Any]:
    return {**rsa().as_dict(private=False), **changes}


def kids(keys: KeySet) -> list[object]:
    return [key.get("kid") for key in keys.keys]


def test_public_keys_of_every_type() -> None:
    keys = parse_key_set(published(rsa(), ec(), okp()))
    for kid, algorithm in (("r1", "RS256"), ("r1", "PS512"), ("e1", "ES256"), ("o1", "Ed25519"), ("o1", "EdDSA")):
        found = keys.find(kid, algorithm)
        assert found is not None
        assert found.get("kid") == kid
    for kid, algorithm in (("r1", "ES256"), ("e1", "RS256"), ("e1", "ES384"), ("o1", "ES256"), ("x", "RS256")):
        assert keys.find(kid, algorithm) is None


@pytest.mark.parametrize(
    "entry",
    [
        OctKey.import_key("s" * 32, {"kid": "bad"}).as_dict(),
        rsa("bad").as_dict(private=True),
        public(kid="bad", use="enc"),
        public(kid="bad", use=["sig"]),
        public(kid="bad", key_ops=["sign"]),
        public(kid="bad", key_ops="verify"),
        public(kid=7),
        public(kid="bad", n="AQAB"),
        public(kid="bad", n="_" * 2_000),
        public(kid="bad", n="é"),
        public(kid="bad", n=None),
        public(kid="bad", e="!"),
        {**ec("bad").as_dict(private=False), "x": ec().as_dict(private=False)["x"]},
        {**ec("bad").as_dict(private=False), "crv": "P-999"},
        {"kty": "LATTICE", "kid": "bad"},
        {"kty": None, "kid": "bad"},
        {"kty": ["RSA"], "kid": "bad"},
        {},
        "key",
        None,
    ],
)
def test_what_cannot_be_used_is_left_out(entry: Any) -> None:
    assert kids(parse_key_set(document(entry, public()))) == ["r1"]
    with pytest.raises(ValueError, match="no usable key"):
        parse_key_set(document(entry))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b"\xff", b"[" * 100_000, b"<html>"])
def test_what_is_no_key_set_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_key_set(raw)


def test_size_and_number_are_bounded() -> None:
    with pytest.raises(ValueError, match="too large"):
        parse_key_set(b" " * MAX_BYTES + b"{}")
    with pytest.raises(ValueError, match="not a key set"):
        parse_key_set(document(*[{}] * 101))


def test_without_a_kid_there_is_one_key_or_none() -> None:
    assert parse_key_set(published(rsa())).find(None, "RS256") is not None
    assert parse_key_set(published(rsa(), ec())).find(None, "RS256") is None


def test_two_keys_of_one_name_are_told_apart_by_type_or_not_at_all() -> None:
    mixed = parse_key_set(document(public(kid="k"), {**ec().as_dict(private=False), "kid": "k"}))
    assert mixed.find("k", "RS256") is not None
    twins = parse_key_set(document(public(kid="k"), {**rsa("r2").as_dict(private=False), "kid": "k"}))
    assert twins.find("k", "RS256") is None


def test_a_key_for_one_algorithm_serves_no_other() -> None:
    keys = parse_key_set(document(public(alg="RS256")))
    assert keys.find("r1", "RS256") is not None
    assert keys.find("r1", "PS256") is None
