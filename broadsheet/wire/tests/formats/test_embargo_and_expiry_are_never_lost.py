"""Whatever writing an embargo or an expiry has: what cannot be read is never as if it were not."""

import json

import pytest

from broadsheet.wire.formats import Entry, parse
from tests.cast import body, ninjs

SPACES = "xmlns:dcterms='http://purl.org/dc/terms/' xmlns:prism='http://prismstandard.org/namespaces/basic/2.0/'"
TEXT = body().replace("<", "&lt;")


def _rss(extra: str) -> Entry:
    document = (
        f"<rss version='2.0' {SPACES}><channel><title>x</title><item><guid>g1</guid>"
        f"<title>Ferry sails</title>{extra}<description>{TEXT}</description></item></channel></rss>"
    )
    return parse(document.encode()).entries[0]


def _atom(extra: str) -> Entry:
    document = (
        f"<feed xmlns='http://www.w3.org/2005/Atom' {SPACES}><title>x</title><entry><id>g1</id>"
        f"<title>Ferry sails</title>{extra}<content type='html'>{TEXT}</content></entry></feed>"
    )
    return parse(document.encode()).entries[0]


def _ninjs(**facts: object) -> Entry:
    return parse(json.dumps(json.loads(ninjs()) | facts).encode()).entries[0]


READERS = pytest.mark.parametrize("read", [_rss, _atom])


@READERS
@pytest.mark.parametrize(
    "stated",
    [
        "<dcterms:available>2099-01-01T00:00:00Z</dcterms:available>",
        "<dcterms:available>start=2099-01-01T00:00:00Z; end=2100-01-01</dcterms:available>",
        "<dcterms:valid>start=2099-01-01T00:00:00Z;end=2100-01-01T00:00:00Z</dcterms:valid>",
        "<dcterms:valid>2099-01-01T00:00:00Z/2100-01-01T00:00:00Z</dcterms:valid>",
        "<prism:embargoDate>2099-01-01T00:00:00Z</prism:embargoDate>",
    ],
)
def test_case_48_an_embargo_is_read_in_every_writing(read, stated: str) -> None:
    entry = read(stated)
    assert (entry.embargo.year, entry.status) == (2099, "usable")


@READERS
@pytest.mark.parametrize(
    "stated",
    [
        "<dcterms:available>noon tomorrow</dcterms:available>",
        "<dcterms:available></dcterms:available>",
        "<dcterms:valid>start=soon;end=2100-01-01</dcterms:valid>",
        "<dcterms:available>2020-01-01</dcterms:available>"
        "<prism:embargoDate>soon</prism:embargoDate>",
    ],
)
def test_case_48_an_embargo_that_cannot_be_read_withholds(read, stated: str) -> None:
    entry = read(stated)
    assert (entry.embargo, entry.status) == (None, "withheld")
    assert "unreadable-embargo" in entry.flags


@READERS
@pytest.mark.parametrize(
    "stated",
    [
        "<prism:expirationDate>gestern</prism:expirationDate>",
        "<dcterms:valid>end=later</dcterms:valid>",
        "<prism:killDate>1970-01-01T00:00:00Z</prism:killDate>",
    ],
)
def test_case_49_an_expiry_that_cannot_be_read_is_told(read, stated: str) -> None:
    entry = read(stated)
    assert (entry.expires, "unreadable-expiry" in entry.flags) == (None, True)


@pytest.mark.parametrize("stated", ["gestern", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00"])
def test_case_49_an_expiry_of_ninjs_that_cannot_be_read_is_told(stated: str) -> None:
    assert "unreadable-expiry" in _ninjs(expires=stated).flags


def test_an_expiry_far_ahead_means_never_and_none_is_none() -> None:
    for stated in ("9999-12-31T23:59:59Z", None, ""):
        entry = _ninjs(expires=stated)
        assert (entry.expires, entry.flags) == (None, ())


def test_the_end_of_a_period_is_the_expiry() -> None:
    entry = _rss("<dcterms:valid>start=2020-01-01;end=2099-01-01</dcterms:valid>")
    assert (entry.embargo.year, entry.expires.year) == (2020, 2099)
    assert (entry.status, entry.flags) == ("usable", ())
