import codecs

import pytest

from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import item, rss

_FEED = rss(item("Café “Ondine” – open")).decode()


def _stated(charset: str) -> str:
    return _FEED.replace("UTF-8", charset)


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (_FEED.encode("utf-8"), None),
        (codecs.BOM_UTF8 + _stated("iso-8859-1").encode(), "text/xml; charset=koi8-r"),
        (_stated("UTF-16").encode("utf-16"), None),
        (_stated("UTF-16").encode("utf-16-le"), None),
        (_stated("UTF-32").encode("utf-32"), None),
        (_stated("UTF-32").encode("utf-32-be"), None),
        (_FEED.encode("utf-8"), "text/xml; charset=utf-16"),
        (_FEED.encode("cp1252"), "application/xml; charset=windows-1252"),
        (_stated("iso-8859-1").encode("cp1252"), None),
        (_stated("rot13").encode(), "text/xml; charset=unicode_escape"),
    ],
)
def test_case_12_the_stated_charset_is_read(data: bytes, header: str | None) -> None:
    parsed = parse(data, content_type=header)
    assert (parsed.entries[0].title, parsed.repairs) == ("Café “Ondine” – open", ())


@pytest.mark.parametrize(
    "data",
    [
        _FEED.encode("cp1252"),
        _stated("iso-8859-1").encode("utf-8"),
        _FEED.replace("”", "“").encode().decode("cp1252").encode(),
    ],
    ids=["cp1252 stated as UTF-8", "UTF-8 stated as Latin-1", "encoded twice"],
)
def test_case_12_a_wrong_statement_is_mended_and_told(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.entries[0].title.replace("”", "“") == "Café “Ondine“ – open"
    assert parsed.repairs
    assert parsed.entries[0].flags == ()


def test_case_12_the_header_comes_before_the_prolog() -> None:
    data = _stated("iso-8859-5").replace("Café", "Вода").encode("koi8-r", "replace")
    entry = parse(data, content_type="text/xml; charset=koi8-r").entries[0]
    assert entry.title.startswith("Вода")


def test_case_12_one_bad_byte_does_not_spoil_the_rest() -> None:
    data = _FEED.encode().replace(b"open", b"\xe9t\xe9")
    assert parse(data).entries[0].title == "Café “Ondine” – été"


def test_case_12_a_lost_character_is_flagged() -> None:
    assert "damaged" in parse(rss(item("Caf\ufffd"))).entries[0].flags


def test_case_12_control_codes_are_the_quotation_marks_they_were_in_cp1252() -> None:
    parsed = parse(rss(item("don\x92t \x93stop\x94")))
    assert parsed.entries[0].title == "don’t “stop”"
    assert parsed.repairs


def test_case_12_ebcdic_is_read() -> None:
    data = '<?xml version="1.0" encoding="cp037"?><rss><channel><item><title>Ø</title></item>'
    assert parse(f"{data}</channel></rss>".encode("cp037")).entries[0].title == "Ø"
