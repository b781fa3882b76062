from hypothesis import given

from broadsheet.kit.html import paragraphs, sanitise, words
from broadsheet.kit.tests.html_documents import documents


@given(documents)
def test_the_paragraphs_together_are_the_whole(html: str) -> None:
    body = sanitise(html)
    parts = paragraphs(body)
    assert "".join("".join(parts).split()) == "".join(body.split())
    assert sum(words(part) for part in parts) == words(body)


def test_each_top_level_block_is_one() -> None:
    body = "<p>One.</p>\n<ul><li>a</li><li>b</li></ul>\n<hr>\n<blockquote><p>Two.</p></blockquote>"
    assert paragraphs(body) == body.split("\n")
