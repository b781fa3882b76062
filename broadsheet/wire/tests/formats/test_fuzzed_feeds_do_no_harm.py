"""Spoilt documents of every format: an answer in time, nothing run, nothing fetched, no growth.

`make fuzz` runs the same for long.
"""

import gc
import socket
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from broadsheet.kit.html import sanitise
from broadsheet.wire.formats import FORMATS, Parsed, parse
from broadsheet.wire.tests.formats.mutations import spoilt
from broadsheet.wire.tests.formats.seeds import SEEDS

_SLOWEST = 2.0
_SECRET = "the-harbour-master-keeps-this"
_FORBIDDEN = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn",
    "urllib.", "http.", "ftplib.", "ctypes.", "shutil.", "os.remove", "os.rename", "os.mkdir",
)  # fmt: skip
_watched: list[str] | None = None
_names = pytest.mark.parametrize("name", sorted(SEEDS))
_patient = settings(deadline=None, suppress_health_check=list(HealthCheck))


def _hear(event: str, args: tuple[object, ...]) -> None:
    if _watched is not None and event.startswith(_FORBIDDEN):
        _watched.append(event)


sys.addaudithook(_hear)


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A file no feed may read."""
    path = tmp_path_factory.mktemp("canary") / "secret.txt"
    path.write_text(_SECRET)
    yield path.as_uri()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that nobody may ask."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/x.dtd"
        listening.settimeout(0.05)
        with pytest.raises(TimeoutError):
            listening.accept()


def _harmless(data: bytes, name: str = "auto", content_type: str | None = None) -> Parsed:
    global _watched
    _watched = []
    started = time.process_time()
    parsed = parse(data, format=name, content_type=content_type, url="https://w.example/feed")
    took, heard, _watched = time.process_time() - started, _watched, None
    assert took < _SLOWEST, f"{took:.1f} s"
    assert not heard
    text = str(astuple(parsed))
    assert _SECRET not in text
    text.encode("utf-8")
    assert not any("fault of our own" in problem for problem in parsed.problems)
    for entry in parsed.entries:
        assert "\0" not in entry.id + entry.title + entry.body_html + entry.summary_html
        assert not {"\n", "\u202e"} & set(entry.title)
        assert sanitise(entry.body_html) == entry.body_html
    return parsed


@_names
def test_a_seed_is_read_or_refused_with_a_reason(name: str) -> None:
    for data in SEEDS[name]:
        parsed = _harmless(data)
        assert parsed.entries or parsed.problems
        assert bool(parsed.entries) or name not in FORMATS


@_names
@_patient
@given(st.data())
def test_a_spoilt_document_does_no_harm(name: str, canary: str, server: str, data: object) -> None:
    address = data.draw(st.sampled_from((canary, server)))
    document = data.draw(spoilt(SEEDS[name], address))
    _harmless(document, data.draw(st.sampled_from(("auto", *FORMATS))))


@_patient
@given(
    st.sampled_from(sorted(SEEDS)).flatmap(lambda name: spoilt(SEEDS[name])), st.text(max_size=20)
)
def test_no_content_type_does_harm(document: bytes, charset: str) -> None:
    _harmless(document, content_type=f"text/xml; charset={charset}")


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><channel>" + b"<item>" * 8_000,
        b"<rss><channel><item><description>" + b"&lt;b&gt;" * 40_000,
        b"<rss><channel><item><title>" + b"&amp;" * 100_000 + b"</title></item></channel></rss>",
        b"<rss><channel><item><description><![CDATA[" + b"<iframe src=x>" * 20_000,
        b"<rss><channel><item><description><![CDATA[" + b"<noscript><img src=a>" * 20_000,
        b"<rss><channel><item><description><![CDATA[" + b"<p>a <b>b" * 6_000,
        b"<rss" + b" a='b'" * 50_000 + b"><channel/></rss>",
        b"<rss><!--" + b"<!--" * 100_000,
        b"<!DOCTYPE r [" + b"<!ENTITY a 'b'>" * 20_000,
        b"[" * 100_000,
        b'{"items":[' + b'{"id":"' * 20_000,
        b'{"items": [{"title": "' + b"\\" * 100_001,
        b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>" + b"KILL " * 50_000,
        b"<rss><channel><item><pubDate>" + b"1 " * 50_000 + b"</pubDate></item></channel></rss>",
        b"<rss><channel><item><link>https://w.example/?" + b"utm_a=1&amp;" * 20_000,
        b"<rss><channel><item><author>" + b"a@" * 50_000 + b"</author></item></channel></rss>",
        b"<rss><channel><item><description>Kill item " + b"a" * 100_000,
    ],
    ids=range(17),
)
def test_what_is_swollen_takes_no_longer_than_it_should(data: bytes) -> None:
    _harmless(data)


def test_memory_does_not_grow_with_what_was_read() -> None:
    documents: list[bytes] = []

    @seed(7)
    @settings(max_examples=60, phases=[Phase.generate], database=None, deadline=None)
    @given(st.sampled_from(sorted(SEEDS)).flatmap(lambda name: spoilt(SEEDS[name])))
    def gather(document: bytes) -> None:
        documents.append(document)

    gather()
    _read_all(documents)
    tracemalloc.start()
    try:
        _read_all(documents)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(3):
            _read_all(documents)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 300_000, f"{grown} bytes"


def _read_all(documents: list[bytes]) -> None:
    for document in documents:
        parse(document)
    gc.collect()


def test_the_guard_hears_a_connection_and_a_program(tmp_path: Path) -> None:
    global _watched
    _watched = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        socket.create_connection(listening.getsockname()).close()
    heard, _watched = _watched, None
    assert "socket.connect" in heard
