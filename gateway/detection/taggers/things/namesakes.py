"""Laws and programs that bear the names of people."""

from __future__ import annotations

import re
from types import MappingProxyType

from gateway.detection.taggers.sieve import Tag

_FOUND = MappingProxyType(
    {
        **dict.fromkeys(
            "euler gauss lagrange laplace fourier bayes descartes archimedes occam bernoulli poisson kruskal fibonacci".split(),
            frozenset({"method", "rule", "formula", "formulae", "law", "laws", "elimination"}),
        ),
        "newton": frozenset({"method", "law", "laws"}),
        "kepler": frozenset({"law", "laws"}),
        "heron": frozenset({"formula"}),
        "horner": frozenset({"method"}),
        **dict.fromkeys("cramer simpson taylor".split(), frozenset({"rule"})),
        **dict.fromkeys("boyle hooke ohm maxwell murphy pareto parkinson".split(), frozenset({"law"})),
    }
)
"""What is called after them. Whose names are common ones may have other methods and rules, and be somebody in the room."""
_OF_SOMEBODY = re.compile(r"['’]s? (?:first |second |third )?(?P<found>[a-z]+)(?![A-Za-z])")
_TOOLS = frozenset(
    "cassandra jenkins travis julia ruby jaeger maven babel fedora anaconda claude hive presto haskell erlang scala pascal ada "
    "puppet consul vault envoy caddy jetty netty looker jest kibana keras trino conda tauri vite vue stata kotlin mocha elixir "
    "svelte".split()
)
_OF_A_TOOL = re.compile(
    r" (?:v[0-9]+(?:\.[0-9]+)+|[0-9]{1,2}\.(?:[0-9]{1,2}\.[0-9]|0\.[0-9]{1,2})|on Rails|CI|CLI|API|SDK|REPL|IDE|ORM|cluster|"
    r"pipeline|plugins?|keyspaces?|gems?|compilers?|runtimes?|syntax)(?![A-Za-z0-9.])"
)
"""A version with three numbers may be a date (`Julia 12.03.1985`) unless no month or no year is among them."""


def is_a_law(text: str, tag: Tag, word: str) -> bool:
    """Whether what somebody found is meant (`Newton's method`); `word` is the tag's, in lower case."""
    if word not in _FOUND:
        return False
    of = _OF_SOMEBODY.match(text, tag.end)
    return of is not None and of["found"] in _FOUND[word]


def is_a_tool(text: str, tag: Tag, word: str) -> bool:
    """Whether a program is meant (`Ruby on Rails`)."""
    return word in _TOOLS and _OF_A_TOOL.match(text, tag.end) is not None
