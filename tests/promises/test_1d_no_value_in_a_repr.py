"""What holds somebody's words says none of them when it is printed: a log line or the text of an error may print anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import gateway

HOME = Path(gateway.__file__).parent
WORDS = frozenset(
    "body credential original originals password plaintext prompt raw raws secret text texts value values wording".split()
)
"""Fields of these names hold what was sent, found or answered, where their type lets them."""
ANY_TEXT = re.compile(r"\b(str|bytes|JsonObject|Any)\b")
OF_NOBODY = {
    "audit/verify.py:Row.body",  # an entry as it is stored, in a program for auditors that is read by itself
    "explorer/index/filters.py:Filters.text",  # what an officer looks for, which is on the record
    "explorer/index/gather.py:ContentMatch.text",
    "rules/identity.py:ClaimSource.value",  # a word of the policy
}
SAMPLE = """
@dataclass
class Shows:
    text: str
    raw: str = field(repr=False)
    originals: Mapping[str, str]
    values: Mapping[str, int]
@dataclass(frozen=True, repr=False)
class Hides:
    text: str
@dataclass
class Tells:
    text: str
    def __repr__(self) -> str: ...
"""


def shown(source: str) -> Iterator[str]:
    """Such fields of the dataclasses in a file that their repr shows."""
    for found in ast.walk(ast.parse(source)):
        if isinstance(found, ast.ClassDef) and _prints_its_fields(found):
            fields = [one for one in found.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
            yield from (f"{found.name}.{ast.unparse(one.target)}" for one in fields if _prints_words(one))


def _prints_its_fields(found: ast.ClassDef) -> bool:
    marks = [mark for mark in map(ast.unparse, found.decorator_list) if mark.startswith("dataclass")]
    own = any(isinstance(one, ast.FunctionDef) and one.name == "__repr__" for one in found.body)
    return bool(marks) and not own and "repr=False" not in marks[0]


def _prints_words(field: ast.AnnAssign) -> bool:
    is_hidden = field.value is not None and "repr=False" in ast.unparse(field.value)
    held = ast.unparse(field.annotation).replace("Mapping[str, ", "")  # names lead to what is held
    return ast.unparse(field.target) in WORDS and not is_hidden and bool(ANY_TEXT.search(held))


def test_what_is_printed_is_seen() -> None:
    assert set(shown(SAMPLE)) == {"Shows.text", "Shows.originals"}


def test_no_field_that_holds_words_is_printed() -> None:
    files = {path.relative_to(HOME).as_posix(): path.read_text() for path in HOME.rglob("*.py")}
    assert {f"{name}:{one}" for name, source in files.items() for one in shown(source)} == OF_NOBODY
