"""URLs without a scheme, and the many dots that are none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.detection.detect import PresidioDetector
from gateway.detection.recognizers.contact import contact_recognizers
from gateway.detection.recognizers.hosts import Suffixes

Urls = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def urls() -> Urls:
    core = PresidioDetector(contact_recognizers())
    return lambda text: [text[f.start : f.end] for f in core.analyze(text) if f.entity == "URL"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see github.com/name.", ["github.com/name"]),
        ("访问github.com/name了解，主页zhang.com.cn。", ["github.com/name", "zhang.com.cn"]),
        ("Visit Example.com, shop.co.uk or foo.bar.org; bye", ["Example.com", "shop.co.uk", "foo.bar.org"]),
        ("(docs.example.dev/a) blog.example.io/post-1!", ["docs.example.dev/a", "blog.example.io/post-1"]),
        ("site:linkedin.com/in/jane-doe?x=1", ["linkedin.com/in/jane-doe?x=1"]),
        ("example.org:8080/x, example.com:8443", ["example.org:8080/x", "example.com:8443"]),
        ("www.foo.de and bit.ly/3xY", ["www.foo.de", "bit.ly/3xY"]),
        ("xn--bcher-kva.example.com/a", ["xn--bcher-kva.example.com/a"]),
        ("https://a.example.org/github.com/x", ["https://a.example.org/github.com/x"]),
    ],
)
def test_finds_hosts_with_a_path_or_a_suffix_that_says_enough(urls: Urls, text: str, expected: list[str]) -> None:
    assert urls(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "main.py, main.py:12, README.md, README.md/#x, lib.rs, run.sh, archive.zip/inner, node.js/deno",
        "end.The next. done.It is. yes.so we go. end.in the end",
        "com.example.Foo, org.apache.commons.lang, java.net.URL, com.example.net, System.Net.Http",
        "ASP.NET/C#, VB.NET and ADO.NET",
        "from a.b import c; x = foo.bar(); self.net(x); self.com = 1; cfg.net = 2; data.com(); obj.org[0]; a.net.b",
        "apiVersion: networking.k8s.io/v1 and app.kubernetes.io/name: foo",
        "and/or he/she 1.2/3 3.am/4.pm v1.2.3/4 5.com 1.2.com/x",
        "./foo.com ../bar.org/x /home/a.com/x src/main.rs/x C:\\x.com",
        "lodash.get/x import.meta/env e.g./i.e. U.S./U.K. Inc./Ltd. etc./so on",
        "first.last@example.com git@github.com:org/repo.git",
        "version 1.8.1.2, socket.io, asyncio.run, co.uk/x",
    ],
)
def test_leaves_files_sentences_packages_and_calls_alone(urls: Urls, text: str) -> None:
    assert urls(text) == []


@pytest.mark.parametrize(("host", "suffix"), [("a.co.uk", "co.uk"), ("a.b.com", "com"), ("co.uk", ""), ("a.nosuchtop", "")])
def test_suffixes_come_from_the_bundled_list(host: str, suffix: str) -> None:
    assert Suffixes().of(host) == suffix


@pytest.mark.parametrize("host", ["https://a.example.org/", "docs.example.dev/"])
@pytest.mark.parametrize("padding", ["", "x " * 8_000])
def test_a_long_url_is_covered_whole(urls: Urls, host: str, padding: str) -> None:
    url = host + "a1b2/" * 3_000 + "end"
    assert urls(f"{padding}{url}. Next") == [url]
