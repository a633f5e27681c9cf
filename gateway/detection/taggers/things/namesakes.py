"""Laws and programs that bear the names of people."""

from __future__ import annotations

import re

from gateway.detection.taggers.sieve import Tag

_SCHOLARS = frozenset(
    "newton euler cramer heron gauss horner lagrange laplace fourier bayes descartes archimedes kepler hooke ohm boyle occam "
    "bernoulli poisson dijkstra kruskal fibonacci".split()
)
_NAMESAKES = frozenset("simpson maxwell murphy parkinson pareto taylor".split())
"""Whose rules and formulas may be those of somebody in the room."""
_OF_A_SCHOLAR = re.compile(
    r"['’]s? (?:method|rules?|formulas?|formulae|(?:first |second |third )?laws?|elimination)(?![A-Za-z])"
)
_OF_A_NAMESAKE = re.compile(r"['’]s (?:rule|law)(?![A-Za-z])")
_TOOLS = frozenset(
    "cassandra jenkins travis julia ruby jaeger maven babel fedora anaconda claude hive presto haskell erlang scala pascal ada "
    "puppet consul vault envoy caddy jetty netty looker jest kibana keras trino conda tauri vite vue stata kotlin mocha elixir "
    "svelte".split()
)
_OF_A_TOOL = re.compile(
    r" (?:v[0-9]+(?:\.[0-9]+)+|[0-9]+\.[0-9]+\.[0-9]+|on Rails|CI|CLI|API|SDK|REPL|IDE|ORM|cluster|pipeline|plugins?|"
    r"keyspaces?|gems?|compilers?|runtimes?|syntax)(?![A-Za-z0-9.])"
)


def is_a_law(text: str, tag: Tag, word: str) -> bool:
    """Whether what somebody found is meant (`Newton's method`); `word` is the tag's, in lower case."""
    if word in _NAMESAKES:
        return _OF_A_NAMESAKE.match(text, tag.end) is not None
    return word in _SCHOLARS and _OF_A_SCHOLAR.match(text, tag.end) is not None


def is_a_tool(text: str, tag: Tag, word: str) -> bool:
    """Whether a program is meant (`Ruby on Rails`)."""
    return word in _TOOLS and _OF_A_TOOL.match(text, tag.end) is not None
