from hypothesis import given

from broadsheet.kit.html import sanitise
from broadsheet.kit.tests.html_documents import documents


@given(documents)
def test_sanitising_twice_changes_nothing(html: str) -> None:
    once = sanitise(html)
    assert sanitise(once) == once


@given(documents)
def test_sanitising_twice_with_a_base_changes_nothing(html: str) -> None:
    once = sanitise(html, base="https://b.example/c/")
    assert sanitise(once, base="https://b.example/c/") == once
