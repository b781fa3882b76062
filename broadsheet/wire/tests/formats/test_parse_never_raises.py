import json
from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.html import sanitise
from broadsheet.wire.formats import FORMATS, Parsed, parse
from broadsheet.wire.tests.formats.agency import SEEDS
from broadsheet.wire.tests.formats.feeds import STORY, atom, item, rss

_GOOD = [
    rss(item() + item("Q&amp;A", f"<![CDATA[{STORY}]]>", "h-2")),
    atom("<entry><id>a</id><title>T</title><content type='html'>x &lt;b>y</content></entry>"),
    json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1}]}).encode(),
    json.dumps(
        {"uri": "urn:x", "headlines": [{"value": "H"}], "bodies": [{"value": "B"}]}
    ).encode(),
    *SEEDS,
]
_TOKENS = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<item>", b"</item>", b"\0", b"\xff", b'"',
    b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&#xd800;", b"&lol;", b"null", b"[", b"{", b"\\ud800",
]  # fmt: skip
_formats = st.sampled_from(["auto", *FORMATS, "unknown"])


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    feed = draw(st.sampled_from(_GOOD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(feed)))
        end = min(len(feed), start + draw(st.integers(0, 30)))
        feed = feed[:start] + draw(st.sampled_from(_TOKENS) | st.binary(max_size=5)) + feed[end:]
    return feed


def _check(parsed: Parsed) -> None:
    str(astuple(parsed)).encode("utf-8")
    for entry in parsed.entries:
        assert "\0" not in entry.id + entry.title + entry.body_html
        assert "\n" not in entry.title
        assert sanitise(entry.body_html) == entry.body_html


@given(st.binary(max_size=300), _formats, st.none() | st.text(max_size=30))
def test_any_bytes_give_an_answer(data: bytes, name: str, content_type: str | None) -> None:
    _check(parse(data, format=name, content_type=content_type))


@given(_mutated(), _formats)
def test_a_damaged_feed_gives_an_answer(data: bytes, name: str) -> None:
    _check(parse(data, format=name, url="https://wire.example/feed"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "uri",
                        "items",
                        "bodies",
                        "value",
                        "associations",
                        "renditions",
                        "href",
                        "headlines",
                        "pubStatus",
                        "embargoed",
                        "url",
                        "image",
                        "authors",
                        "id",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_gives_an_answer(value: object) -> None:
    data = json.dumps(value).encode()
    for name in ("auto", "jsonfeed", "ninjs"):
        _check(parse(data, format=name))
