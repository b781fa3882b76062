from hypothesis import given

from broadsheet.kit.html import plain, sanitise, teaser, words
from broadsheet.kit.tests.html_documents import bodies, documents


def _told(html: str) -> str:
    return "".join(plain(html).replace("…", "").split())


def _check(body: str) -> None:
    shown, rest = teaser(body)
    assert words(shown) <= 0.3 * words(body)
    assert _told(shown) + _told(rest) == _told(body)
    assert sanitise(shown) == shown


@given(documents)
def test_at_most_30_percent_of_any_html_is_open_and_none_of_it_twice(html: str) -> None:
    _check(sanitise(html))


@given(bodies)
def test_at_most_30_percent_of_a_report_is_open_and_none_of_it_twice(html: str) -> None:
    _check(sanitise(html))


def test_two_paragraphs_are_open_where_they_fit() -> None:
    blocks = [f"<p>Paragraph {number} of nine has seven words.</p>" for number in range(9)]
    assert teaser("\n".join(blocks)) == ("\n".join(blocks[:2]), "\n".join(blocks[2:]))


def test_one_paragraph_is_open_where_two_are_too_much() -> None:
    blocks = [f"<p>Paragraph {number} of four has seven words.</p>" for number in range(4)]
    assert teaser("\n".join(blocks)) == (blocks[0], "\n".join(blocks[1:]))


def test_a_long_first_paragraph_is_cut_after_a_sentence() -> None:
    body = "<p>It rained on Monday. " + "It <b>rained again</b> all day. " * 4 + "</p>"
    shown, rest = teaser(sanitise(body))
    assert shown == "<p>It rained on Monday. …</p>"
    assert rest.startswith("<p>It <b>rained again</b> all day.")


def test_a_long_sentence_is_cut_after_a_word_and_keeps_its_marks() -> None:
    body = "<p>one two <em>three four five</em> six seven eight nine ten</p>"
    assert teaser(body) == (
        "<p>one two <em>three…</em></p>",
        "<p><em>four five</em> six seven eight nine ten</p>",
    )


def test_the_picture_above_the_text_is_open() -> None:
    figure = '<figure><img src="https://a.example/1.jpg" alt=""></figure>'
    text = "\n".join("<p>Seven words stand in this paragraph here.</p>" for _ in range(8))
    assert teaser(figure + "\n" + text)[0].startswith(figure)
