import time

import pytest

from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.agency import (
    HEDLINE,
    g2_picture,
    g2_text,
    message,
    newsml1,
    newsml1_item,
    nitf,
)

_DOCUMENTS = {
    "NewsML-G2": message(g2_text()),
    "NITF": nitf("", HEDLINE, "<p>It had been in dock.</p>"),
    "NewsML 1": newsml1(newsml1_item()),
}
_each = pytest.mark.parametrize("name", _DOCUMENTS)


def _refused(data: bytes, *says: str) -> None:
    parsed = parse(data)
    assert parsed.entries == parsed.repairs == ()
    (problem,) = parsed.problems
    for words in says:
        assert words in problem


@_each
def test_a_whole_document_is_taken(name: str) -> None:
    parsed = parse(_DOCUMENTS[name])
    assert (len(parsed.entries), parsed.problems) == (1, ())


@_each
def test_a_document_that_was_cut_off_is_refused(name: str) -> None:
    _refused(_DOCUMENTS[name][:-20], name, "line 2", "ask the agency", "replay")


@_each
@pytest.mark.parametrize(
    ("was", "broken"),
    [
        (b"dock", b"do & ck"),
        (b"dock", b"do&nbsp;ck"),
        (b"dock", b"do\x0bck"),
        (b"dock", b"<b>do</i>ck"),
        (b"</p>", b"<br></p>"),
        (b"dock", b"<x:b>dock</x:b>"),
    ],
)
def test_what_a_feed_would_be_forgiven_is_refused(name: str, was: bytes, broken: bytes) -> None:
    assert was in _DOCUMENTS[name]
    _refused(_DOCUMENTS[name].replace(was, broken, 1), name, "not well-formed", "line")


@_each
def test_junk_behind_the_document_is_refused(name: str) -> None:
    _refused(_DOCUMENTS[name] + b"<more/>", name)


@_each
def test_bytes_that_are_not_utf_8_are_a_fault(name: str) -> None:
    _refused(_DOCUMENTS[name].replace(b"dock", b"d\xf6ck"), name, "utf-8", "line 2")


@_each
def test_utf_8_stated_to_be_latin_1_is_a_fault(name: str) -> None:
    data = _DOCUMENTS[name].replace(b"UTF-8", b"ISO-8859-1").replace(b"dock", "döck".encode())
    _refused(data, name, "is UTF-8")


@_each
@pytest.mark.parametrize(
    ("charset", "text"),
    [
        *(("ISO-8859-1", "döck"), ("ISO-8859-15", "dö€ck"), ("windows-1252", "d–ck")),
        *(("UTF-16", "dök"), ("Shift_JIS", "日本語"), ("KOI8-R", "док")),
    ],
)
def test_the_stated_charset_is_respected(name: str, charset: str, text: str) -> None:
    document = _DOCUMENTS[name].decode().replace("UTF-8", charset).replace("dock", text)
    parsed = parse(document.encode(charset))
    assert parsed.problems == parsed.repairs == ()
    assert text in parsed.entries[0].body_html


@_each
def test_gbk_is_what_gb2312_means(name: str) -> None:
    document = _DOCUMENTS[name].decode().replace("UTF-8", "GB2312").replace("dock", "朱镕基")
    assert "朱镕基" in parse(document.encode("gbk")).entries[0].body_html


@_each
def test_a_byte_that_no_charset_has_is_a_fault(name: str) -> None:
    data = _DOCUMENTS[name].replace(b"UTF-8", b"windows-1252").replace(b"dock", b"d\x81ck")
    _refused(data, name, "bytes that are not")


def test_windows_quotes_in_latin_1_are_read_as_everyone_does() -> None:
    data = _DOCUMENTS["NITF"].replace(b"UTF-8", b"ISO-8859-1").replace(b"dock", b"\x93d\xf6ck\x94")
    assert "“döck”" in parse(data).entries[0].body_html


_DTD = (
    '<!DOCTYPE {} PUBLIC "-//IPTC//DTD 3.0//EN" "{}.dtd"\n'
    '[<!ENTITY % more SYSTEM "file:///etc/hostname"> %more; {}]>\n'
)


def _with_dtd(declared: str, used: str) -> list[bytes]:
    body = f"<p>It was {used}.</p>"
    return [
        nitf("", HEDLINE, body, _DTD.format("nitf", "nitf", declared)),
        newsml1(
            newsml1_item().replace("It had", used), doctype=_DTD.format("NewsML", "n", declared)
        ),
    ]


def test_a_document_type_is_tolerated_and_never_followed() -> None:
    for data in _with_dtd('<!ENTITY own "Ann">', "fair"):
        parsed = parse(data)
        assert (len(parsed.entries), parsed.problems, parsed.repairs) == (1, (), ())
        assert "fair" in parsed.entries[0].body_html


def test_an_entity_of_the_document_type_is_a_fault() -> None:
    for data in _with_dtd('<!ENTITY own "Ann"><!ENTITY out SYSTEM "file:///etc/passwd">', "&out;"):
        _refused(data, "not well-formed", "out")


def test_an_entity_bomb_is_refused_at_once() -> None:
    laughs = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
    )
    for data in _with_dtd(laughs, "&l9;"):
        started = time.process_time()
        _refused(data, "entity bomb")
        assert time.process_time() - started < 0.5


def test_the_line_counts_the_document_type_too() -> None:
    for data in _with_dtd("", "a & b"):
        _refused(data, "line 4")


@pytest.mark.parametrize("format", ["newsmlg2", "nitf", "newsml1"])
def test_a_format_that_does_not_fit_is_told(format: str) -> None:
    problem = parse(b"<feed xmlns='http://www.w3.org/2005/Atom'/>", format=format).problems[0]
    assert "<feed>" in problem
    assert "auto" in problem


def test_a_repair_of_the_sniffing_is_not_kept() -> None:
    data = _DOCUMENTS["NITF"].replace(b"UTF-8", b"ISO-8859-15").replace(b"dock", b"d\xa4ck")
    assert parse(data).repairs == ()


def test_elements_nested_too_deep_are_refused() -> None:
    _refused(nitf("", HEDLINE, "<em>" * 5000 + "x" + "</em>" * 5000), "NITF")


def test_work_grows_with_the_size_of_the_document_and_not_with_its_square() -> None:
    photo = "<ContentItem Href='a.jpg'><MediaType FormalName='Photo'/></ContentItem>"
    nested = "<NewsComponent>" * 100 + photo * 500 + "</NewsComponent>" * 100
    items = [g2_text(guid=f"urn:t:{n}") for n in range(300)]
    documents = [
        newsml1(newsml1_item(nested)),
        message(*items, *[g2_picture(f"urn:p:{n}") for n in range(300)]),
        nitf("", HEDLINE, f"<block>{'<p>x</p>' * 5000}{'<byline>By A</byline>' * 5000}</block>"),
    ]
    started = time.process_time()
    assert [len(parse(document).entries) for document in documents] == [1, 600, 1]
    assert time.process_time() - started < 6
