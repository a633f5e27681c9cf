"""The auditor's program: alone, and right about signatures, notes and keys."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit import verify
from gateway.audit.signing import new_key, verify_signature
from gateway.audit.verify import NotVerified, ed25519_verify, read_checkpoint, read_key

SOURCE = Path(verify.__file__).read_text(encoding="utf-8")

# RFC 8032, 7.1, tests 1 to 3: public key, message, signature
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2465"
        "5141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb0"
        "0d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc0"
        "27beceea1ec40a",
    ),
)
# The example of the signed-note form, as golang.org/x/mod/sumdb/note documents it
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
# The example of c2sp.org/tlog-checkpoint
C2SP = (
    f"example.com/behind-the-sofa\n20852163\n{ROOT}\n\n\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


def test_it_imports_the_standard_library_only() -> None:
    imports = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for one in imports if isinstance(one, ast.Import) for alias in one.names}
    names |= {one.module or "." for one in imports if isinstance(one, ast.ImportFrom)}
    assert not any(one.level for one in imports if isinstance(one, ast.ImportFrom))
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"__future__"}


def test_python_3_9_can_read_it() -> None:
    assert ast.parse(SOURCE, feature_version=(3, 9))
    assert "slots=True" not in SOURCE
    assert "strict=" not in SOURCE


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_signatures_of_the_rfc(public: str, message: str, signature: str) -> None:
    key, text, signed = map(bytes.fromhex, (public, message, signature))
    assert ed25519_verify(key, text, signed)
    assert not ed25519_verify(key, text + b"x", signed)


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=50), st.integers(0, 64 * 8 - 1))
def test_the_same_answers_as_a_library(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    spoiled = bytearray(signature)
    spoiled[bit // 8] ^= 1 << bit % 8
    for one in (signature, bytes(spoiled)):
        assert ed25519_verify(public, message, one) == verify_signature(public, message, one)
    assert ed25519_verify(public, message, signature)


def test_what_is_no_key_or_no_signature_verifies_nothing() -> None:
    public, _, signature = (bytes.fromhex(text) for text in RFC_8032[0])
    order = 2**252 + 27742317777372353535851937790883648493
    second = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    for key, one in (
        (public[:31], signature),
        (public, signature[:63]),
        (b"\xff" * 32, signature),  # not below the prime
        (b"\x02" + bytes(31), signature),  # no point of the curve
        (public, signature[:32] + second),  # the same number, written in a second way
    ):
        assert not ed25519_verify(key, b"", one)
        assert not verify_signature(key, b"", one)


def test_keys_are_written_as_the_go_tools_write_them() -> None:
    key = read_key(GO_KEY)
    assert (key.name, str(key)) == ("PeterNeumann", GO_KEY)
    name, key_id, signature = verify._signature(f"\u2014 PeterNeumann {GO_SIGNATURE}")
    assert (name, key_id) == ("PeterNeumann", key.id)
    assert ed25519_verify(key.public, GO_TEXT.encode(), signature)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", "a+c74f20a3+", "a++", GO_KEY.replace("c74f", "c74e"), GO_KEY.replace("Peter", "Paul"), "+" + GO_KEY],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NotVerified, match="not a verifier key"):
        read_key(text)


def test_a_checkpoint_of_the_specification_is_read() -> None:
    found = read_checkpoint(C2SP, "it")
    assert (found.origin, found.size, found.successor) == ("example.com/behind-the-sofa", 20852163, None)
    assert found.signatures[0][1] == bytes.fromhex("033de0ae")
    assert found.text == C2SP.partition("\n\n")[0] + "\n"


@pytest.mark.parametrize(
    "note",
    [
        "",
        C2SP[:-1],
        C2SP.replace("20852163", "020852163"),
        C2SP.replace("20852163", "-1"),
        C2SP.replace("20852163", "many"),
        C2SP.replace(ROOT, ROOT[:-4]),
        C2SP.replace(ROOT, "?" + ROOT[1:]),
        C2SP.replace("\u2014 ", "- "),
        C2SP.replace("sofa", "sofa\x1b[2J"),
        C2SP.replace(f"{ROOT}\n", ""),
        C2SP.replace("AYQ8=", "AYQ8"),
        C2SP.replace(ROOT, f"{ROOT}\nnext-key nonsense"),
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(NotVerified):
        read_checkpoint(note, "it")


def test_text_that_steers_terminals_is_not_repeated() -> None:
    row = verify.Row(0, 1, "exchange", "opened", "t", "\x1b[2Jgone", "{}", bytes(32), bytes(32))
    assert "\x1b" not in row.name


def test_entries_that_differ_have_other_leaves() -> None:
    """Also where one field takes over what another has lost."""
    one = verify.leaf_data(1, "exchange", "opened", "t", "ab", bytes(32))
    assert one != verify.leaf_data(1, "exchange", "opened", "ta", "b", bytes(32))
    assert one != verify.leaf_data(11, "exchange", "opened", "t", "ab", bytes(32))
    assert one == (b"21:gateway-audit-leaf/v1,1:1,8:exchange,6:opened,1:t,2:ab,32:" + bytes(32) + b",")


def test_a_new_key_signs_what_both_verifiers_accept() -> None:
    key = new_key("example.com/log")
    name, key_id, signature = verify._signature(key.line("text\n")[:-1])
    assert (name, key_id) == (key.name, key.public.id)
    assert ed25519_verify(key.public.public, b"text\n", signature)
    assert "PRIVATE" not in repr(key)
