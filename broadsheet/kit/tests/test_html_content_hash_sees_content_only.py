from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.html import content_hash, sanitise
from broadsheet.kit.tests.html_documents import documents


def test_spacing_and_attribute_order_do_not_count() -> None:
    one = '<p>One  two</p>\n<p><a href="x" rel="y">z</a></p>'
    two = '<p>One two</p><p><a rel="y"  href="x">z</a></p>'
    assert content_hash({"body": one}) == content_hash({"body": two})


def test_the_zone_of_an_instant_does_not_count() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    same = noon.astimezone(timezone(timedelta(hours=5, minutes=30), "IST"))
    assert content_hash({"at": noon}) == content_hash({"at": same})


def test_an_empty_field_does_not_count() -> None:
    assert content_hash({"a": "x", "b": "", "c": ()}) == content_hash({"a": "x"})


def test_a_word_counts() -> None:
    assert content_hash({"a": "x y"}) != content_hash({"a": "xy"})


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=9), max_size=4))
def test_the_order_of_fields_does_not_count(fields: dict[str, str]) -> None:
    turned = dict(reversed(list(fields.items())))
    assert content_hash(fields) == content_hash(turned)


@given(documents)
def test_sanitising_again_does_not_change_the_hash(html: str) -> None:
    body = sanitise(html)
    assert content_hash({"body": body}) == content_hash({"body": sanitise(body)})
