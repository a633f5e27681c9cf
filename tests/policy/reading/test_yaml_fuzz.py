"""Whatever stands in a policy file, the answer is a policy, or problems that a person can act on.

Seeds are fixed, so that a failure is everybody's failure; a larger `max_examples` looks further.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.policy.reading.load import LoadedPolicy, load_policy
from gateway.policy.reading.problems import PolicyError, Problem

POLICIES = Path(__file__).parents[3] / "policies"
SHIPPED = tuple(path.read_text("utf-8") for path in sorted(POLICIES.glob("*.yaml")) if not path.stem.endswith("_test"))
ENTITIES = frozenset("PERSON LOCATION EMAIL_ADDRESS PHONE_NUMBER CREDIT_CARD DATE_TIME SECRET CN_ID IBAN_CODE US_SSN".split())
SECRET = "sk-4fZ9topsecret"

Check = Callable[[bytes], LoadedPolicy | tuple[Problem, ...]]

FIXED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

VALUES = [
    "", "~", "yes", "NO", "on", "0", "-1", "010", "0x1F", "0b1", "1_0", "1:30", "1e999", "1.0e+999", "-.inf", ".nan", "1e5",
    "9" * 400, "0." + "3" * 400, "2024-01-01", "2024-01-01 10:00:00 +08:00", "'", '"', '"\\0"', '"\\ud800"', '"\\x1b[31m"',
    '"\\u2028"', "'a\u202eb'", "[]", "{}", "[[]]", "{a: b}", "[a, 1, ~, {}]", "[", "}", "]]", "{a", "- a", "? a", ": a", "a: b",
    "|", "|2-", ">-", "|9 x", "# x", "'x' y", "&a", "*a", "&a x", "!x y", "!!binary aGk=", "!!python/object:os.system x",
    "!!set {a}", "<<", "=", "%", "@", "`", "\t", "\tx", "x\ty", "中文", "🙂", "e\u0301", "\u200b", "x" * 5_000, "\u00a0", "\ufffd",
    "http://[::1", "http://h:99999", "60/minute", "1/fortnight", "'a' == 'a'", "findings.PERSON > 3", "((((", "default", "a/b/c",
    "..", "/etc/passwd", "{env: }", "{file: [x]}", "(?P<x>", "((a+)+)+$", "-" * 50, "---", "...", "%YAML 1.2", "\ufeff", "\x07",
]  # fmt: skip


def _deleted(lines: list[str], at: int, other: int, value: str) -> None:
    del lines[at]


def _doubled(lines: list[str], at: int, other: int, value: str) -> None:
    lines.insert(other, lines[at])


def _swapped(lines: list[str], at: int, other: int, value: str) -> None:
    lines[at], lines[other] = lines[other], lines[at]


def _retyped(lines: list[str], at: int, other: int, value: str) -> None:
    lines[at] = f"{lines[at].partition(':')[0]}: {value}\n"


def _renamed(lines: list[str], at: int, other: int, value: str) -> None:
    name, colon, rest = lines[at].partition(":")
    lines[at] = name[: len(name) - len(name.lstrip())] + value + colon + rest


def _moved(lines: list[str], at: int, other: int, value: str) -> None:
    lines[at] = " " * (other % 7) + lines[at].lstrip()


def _tabbed(lines: list[str], at: int, other: int, value: str) -> None:
    lines[at] = lines[at].replace("  ", "\t", 1)


def _split(lines: list[str], at: int, other: int, value: str) -> None:
    middle = other % (len(lines[at]) + 1)
    lines[at] = lines[at][:middle] + value + lines[at][middle:]


def _ended(lines: list[str], at: int, other: int, value: str) -> None:
    lines[at] = lines[at].rstrip("\n") + ["\r\n", "\r", "", "\n\n", " \n", "\x85", "\u2028"][other % 7]


MUTATIONS = [_deleted, _doubled, _swapped, _retyped, _retyped, _renamed, _moved, _tabbed, _split, _ended]


@st.composite
def mutated_policies(draw: st.DrawFn, policies: Sequence[str] = SHIPPED) -> str:
    lines = draw(st.sampled_from(policies)).splitlines(keepends=True)
    place = st.integers(0, 10_000)
    value = st.sampled_from(VALUES) | st.text(max_size=8)
    for mutate in draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=4)):
        mutate(lines, draw(place) % len(lines), draw(place) % len(lines), draw(value))
    return "".join(lines)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Loads the bytes as a file; what is wrong with them has to be told properly."""
    path = tmp_path / "p.yaml"

    def check(raw: bytes) -> LoadedPolicy | tuple[Problem, ...]:
        path.write_bytes(raw)
        try:
            return load_policy(path, known_entities=ENTITIES, surrogate_entities=frozenset({"PERSON"}))
        except PolicyError as error:
            problems = error.problems
        assert problems
        for problem in problems:
            assert problem.file == str(path)
            _assert_told_properly(problem, raw)
        return problems

    return check


def _assert_told_properly(problem: Problem, raw: bytes) -> None:
    """A place in the file, or just behind the end of a line or of the file; words for what and how to mend it."""
    lines = re.split(r"\r\n|\r|\n", raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"))
    assert 1 <= problem.line <= len(lines), problem
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1, problem
    assert problem.message.strip()
    assert problem.fix.strip()
    str(problem).encode()


@settings(FIXED, max_examples=150)
@given(
    raw=st.binary(max_size=200)
    | st.text(alphabet="a1:-[]{}&*!|>'\"#%\n\r\t ~<?,@`\\\ufeff\u2028\0中", max_size=80).map(str.encode)
)
def test_any_bytes(check: Check, raw: bytes) -> None:
    check(raw)


@settings(FIXED, max_examples=200)
@given(text=mutated_policies())
def test_mutated_policies(check: Check, text: str) -> None:
    check(text.encode("utf-8", "replace"))


PASTED = [
    "KEY", "'KEY'", '"KEY', "{env: KEY}", "{KEY: x}", "{env: [KEY]}", "{file: KEY", "{env: a, KEY: b}", "[KEY, KEY]", "|KEY", "!KEY x",
    "&KEY x", "*KEY", "KEY : y", "{env: A, env: KEY}", "'x' KEY", "{? KEY : KEY}", "{secret: KEY}", "{'KEY", "%KEY", "KEY\t: x",
]  # fmt: skip


@settings(FIXED, max_examples=60)
@given(text=mutated_policies([text for text in SHIPPED if "api_key:" in text]), value=st.sampled_from(PASTED))
def test_nothing_of_a_key_is_quoted(check: Check, text: str, value: str) -> None:
    """Somebody pastes the key itself where the file is to say where the key is found."""
    pasted = re.sub(r"api_key:.*", lambda _: "api_key: " + value.replace("KEY", SECRET), text)
    assume(SECRET in pasted)
    found = check(pasted.encode("utf-8", "replace"))
    if isinstance(found, tuple):
        assert SECRET not in "".join(map(str, found))


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_one_odd_value_somewhere(check: Check, number: int) -> None:
    """Each value, at another place each time."""
    lines = SHIPPED[number % len(SHIPPED)].splitlines(keepends=True)
    named = [at for at, line in enumerate(lines) if ":" in line.partition("#")[0]]
    _retyped(lines, named[number % len(named)], 0, VALUES[number])
    check("".join(lines).encode("utf-8"))


@pytest.mark.parametrize("policy", SHIPPED)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: (text + "# " + "x" * 100_000 + "\n").encode(),
    ],
    ids=["byte order mark", "CRLF", "CR", "long comment"],
)
def test_how_a_file_is_saved_changes_nothing(check: Check, policy: str, change: Callable[[str], bytes]) -> None:
    assert _essence(check(change(policy))) == _essence(check(policy.encode()))


def _essence(found: LoadedPolicy | tuple[Problem, ...]) -> object:
    return found.policy if isinstance(found, LoadedPolicy) else found


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    ("raw", "place", "message"),
    [
        (LAUGHS.encode(), "1:4", "anchors and aliases are not allowed"),
        (b"version: 1\ntenants: *x", "2:10", "anchors and aliases are not allowed"),
        (b"version: 1\n<<: {tenants: {}}", "2:1", "a merge key"),
        (b"version: 1\ntenants: {}\nversion: 1", "3:1", "the same name as on line 1"),
        (b"version: 1\ntenants: {a: {}, a: {}}", "2:18", "the same name as on line 2"),
        (b"version: 1\ntenants: !!python/object/apply:os.system [id]", "2:10", "a YAML tag"),
        (b"version: !!binary MQ==", "1:10", "a YAML tag"),
        (b"version: 01", "1:10", "a number that cannot be read"),
        (b"version: 1" + b"0" * 5_000, "1:10", "a number that cannot be read"),
        (b"version: 1\n" + b"#" * 16_000_000, "1:1", "the file is larger than 16,000,000 bytes"),
        (b"[" * 1_000_000, "1:21", "nested deeper than 20 levels"),
        (b"version: 1\n\0", "2:1", "a control character"),
        ("version: 1".encode("utf-16"), "1:1", "not UTF-8 text"),
        ("version: 1".encode("gb18030") + "租户".encode("gb18030"), "1:11", "not UTF-8 text"),
        (b"%YAML 1.2\n---\nversion: 1", "1:1", "a YAML directive"),
        (b"version: 1\n---\nversion: 1", "2:1", "not valid YAML: more than one document"),
        (b"", "1:1", "the file is empty"),
    ],
)
def test_what_could_grow_or_mislead_is_refused(check: Check, raw: bytes, place: str, message: str) -> None:
    found = check(raw)
    assert isinstance(found, tuple)
    assert (place, message) in [(f"{problem.line}:{problem.column}", problem.message) for problem in found]


def test_what_is_not_text_where_text_belongs_is_refused(check: Check) -> None:
    for value in ("1.0e+999", "2024", "yes", "~", "[]", "1_000"):
        found = check(f"version: 1\ndeployments: {{}}\nmodels: {{}}\ntenants: {{}}\nanonymous: {value}\n".encode())
        problems = found if isinstance(found, tuple) else ()
        assert [problem.line for problem in problems] == [5], value
