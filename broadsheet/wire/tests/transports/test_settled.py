"""A document that ends as its kind ends is complete."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.transports.settled import is_whole

RSS = """<?xml version="1.0"?>
<!-- harbour --><!DOCTYPE rss>
<rss version="2.0"><channel><item><title>Ferry &amp; tide</title></item></channel></rss>
<!-- end -->
"""
LONG = '<?xml version="1.0"?><feed xmlns="a:b">' + "<entry>tide</entry>" * 500 + "</feed >"
NINJS = json.dumps([{"uri": "tag:harbour.test:1", "body": "x } ] y"}], indent=1)


@pytest.mark.parametrize(
    "document",
    [RSS, LONG, NINJS, RSS.replace("&amp;", "&"), "\ufeff" + RSS, '{"version": "1"}',
     "\x01h123 4 bc 5\r\n\x02The ferry left.\x03", "\x01h1\x02Tide.\x03\r\n\x04\n"],
)  # fmt: skip
def test_a_complete_document_is_whole(document: str) -> None:
    assert is_whole(document.encode())


def test_a_document_in_wide_letters_is_whole() -> None:
    assert is_whole(RSS.encode("utf-16"))
    assert not is_whole(RSS[:90].encode("utf-16"))


@given(st.data(), st.sampled_from([RSS.split("<!-- end")[0].rstrip(), LONG, NINJS]))
def test_the_beginning_of_a_document_is_not_whole(data: st.DataObject, document: str) -> None:
    length = data.draw(st.integers(0, len(document) - 1))
    assert not is_whole(document[:length].encode())


@pytest.mark.parametrize(
    "text", ["", "The ferry left at noon.", "<", "<rss", "<a/></b>", "[" * 9999]
)
def test_other_text_is_not_known_to_be_whole(text: str) -> None:
    assert not is_whole(text.encode())


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    assert is_whole(data) in (True, False)
