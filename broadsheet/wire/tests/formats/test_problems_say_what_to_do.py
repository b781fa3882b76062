import pytest

from broadsheet.wire.formats import parse

_NEWSML = b'<?xml version="1.0"?><newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"/>'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML page"),
        (b"<head><title>Moved</title></head>", "HTML page"),
        (b'{"items": [', "JSON cannot be read"),
        (b"[1, 2]", "neither a JSON Feed nor ninjs"),
        (b"<shop><shelf/></shop>", "<shop>"),
        (b"Good morning", "plain text"),
        (_NEWSML, "no guid"),
        (b"<nitf><body/>", "NITF"),
        (b"<NewsML Version='1.2'/>", "no NewsItem"),
    ],
)
def test_what_is_no_feed_gives_a_reason(data: bytes, says: str) -> None:
    parsed = parse(data)
    assert parsed.entries == ()
    assert says in parsed.problems[0]
    assert parsed.problems[0].endswith(".")


def test_a_format_that_does_not_fit_is_told() -> None:
    parsed = parse(b"<feed xmlns='http://www.w3.org/2005/Atom'/>", format="rss")
    assert "not RSS" in parsed.problems[0]


def test_an_unknown_format_name_is_told() -> None:
    assert "ninjs" in parse(b"<rss/>", format="telex").problems[0]
