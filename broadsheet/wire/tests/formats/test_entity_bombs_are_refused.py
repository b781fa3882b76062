import socket
import time
from pathlib import Path

import pytest

from broadsheet.kit.html import plain
from broadsheet.wire.formats import parse

_RSS = (
    "<rss><channel><item><title>{}</title><description>Text.</description></item></channel></rss>"
)


def _laughs() -> bytes:
    entities = '<!ENTITY l0 "lol">'
    for level in range(1, 10):
        entities += f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">'
    return f"<!DOCTYPE r [{entities}]>{_RSS.format('&l9;')}".encode()


def test_case_11_a_billion_laughs_is_refused_at_once() -> None:
    started = time.process_time()
    parsed = parse(_laughs())
    assert time.process_time() - started < 0.5
    assert not parsed.entries
    assert "entity" in parsed.problems[0]


def test_case_11_a_declaration_that_a_text_only_quotes_mends_nothing() -> None:
    quoted = f"<![CDATA[<p>{_laughs().decode()[:60]}</p><p>Two.</p>]]>"
    parsed = parse(_RSS.replace("Text.", quoted).format("One").encode())
    assert parsed.repairs == ()
    assert plain(parsed.entries[0].body_html).endswith("Two.")


def test_case_11_a_long_entity_used_often_is_refused() -> None:
    data = f'<!DOCTYPE r [<!ENTITY a "{"x" * 5000}">]>{_RSS.format("&a;" * 5000)}'.encode()
    assert not parse(data).entries


def test_case_11_an_entity_that_holds_itself_is_refused() -> None:
    data = f'<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>{_RSS.format("&a;")}'.encode()
    assert not parse(data).entries


def test_case_11_an_external_entity_is_never_fetched() -> None:
    doctype = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    parsed = parse((doctype + _RSS.format("&x; here")).encode())
    assert parsed.entries[0].title == "&x; here"
    assert parsed.repairs


@pytest.mark.parametrize(
    ("before", "inside"),
    [
        ('<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>', "Here."),
        ('<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>', "Here. &x;"),
        ('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">', "Here."),
        ("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>Here.'),
        ('<?xml-stylesheet href="http://127.0.0.1:9/x.xsl" type="text/xsl"?>', "Here."),
    ],
    ids=["parameter entity", "external entity", "external DTD", "XInclude", "stylesheet"],
)
def test_case_11_nothing_is_fetched_and_nothing_included(
    before: str, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *args: asked.append(args))
    started = time.process_time()
    parsed = parse((before + _RSS.format(inside)).encode())
    assert time.process_time() - started < 0.5
    assert parsed.entries[0].title.startswith("Here.")
    assert Path("/etc/hostname").read_text().strip() not in str(parsed.entries)
    assert not asked


def test_entities_for_plain_text_are_read() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//X//DTD" "x.dtd" [<!ENTITY co "Ann &amp; Sons">]>'
    entry = parse((doctype + _RSS.format("&co; open")).encode()).entries[0]
    assert (entry.title, plain(entry.body_html)) == ("Ann & Sons open", "Text.")
