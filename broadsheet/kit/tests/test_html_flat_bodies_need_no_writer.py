from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.html.flat import flat
from broadsheet.kit.html.sanitising import _cleaner, _rewritten, sanitise
from broadsheet.kit.tests.html_documents import bodies, documents

_PIECES = (
    "<p>", "</p>", "<p> ", " </p>", "one", " two ", "\n", "three  four", "&nbsp;", "&amp;", "<br>",
    "<b>bold</b>", "<b> bold </b>", "<em>so</em>", "<i></i>", '<a href="https://a.example/x">x</a>',
    '<a href="/y z">y</a>', '<a href="javascript:x()">no</a>', "<a>none</a>", '<a href="">e</a>',
    '<img src="https://a.example/1.jpg" alt="a  b">', '<img src="https://stats.wp.com/b.gif">',
    '<img srcset="/a.jpg 1x, /b.jpg 2x">', "<h1>Head</h1>", "<h3> x<br>y </h3>", "<ul>", "</ul>",
    "<li>one</li>", "<li> <b>two</b> </li>", "<li></li>", "<ol><li>x</li> <li>y</li></ol>",
    '<figure><img src="/f.png"></figure>', "<figure>", "</figure>", "<figcaption>c</figcaption>",
    "<hr>", "<blockquote>", "</blockquote>", "<div>", "</div>", "<pre> a\n b</pre>", "\u2028",
    '<iframe src="https://www.youtube.com/embed/abcdefg"></iframe>', '<video poster="/v.jpg">',
    "<strong>lead: </strong>", "<em> <b>x </b></em>", "<i> </i>", "<a href='/x'> x</a>", "<b>",
    "</b>", "<blockquote>q<p>r</p></blockquote>", "<blockquote><ul><li>x</li></ul> t</blockquote>",
    "<a href='/x'><img src='https://stats.wp.com/b.gif'></a>", "<section>", "</section>", "\t",
    "<a href='/x'><img src='/y.jpg'></a>", "<a href='/x'>", "</a>", "<q>q</q>",
    "<dl><dt>a<dd>b</dl>",
    "<code>c</code>", "<b>x</b><b>y</b>", "<sup>2</sup>",
)  # fmt: skip
_rows = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)


@given(_rows | documents | bodies)
def test_a_flat_body_is_what_the_writer_makes_of_it(html: str) -> None:
    cleaned = _cleaner().clean(html)
    first, rest = flat(cleaned, "https://b.example/")
    rest = _rewritten(rest, "https://b.example/")
    assert "\n".join(part for part in (first, rest) if part) == _rewritten(
        cleaned, "https://b.example/"
    )


@given(_rows)
def test_sanitising_again_changes_nothing(html: str) -> None:
    once = sanitise(html, base="https://b.example/")
    assert sanitise(once) == once


def test_a_plain_body_is_flat_to_the_end() -> None:
    body = (
        '<p>One <b>two</b>.<br>Three <a href="https://a.example/">four</a>.</p>\n'
        "<h2>Five</h2><ul><li>six</li></ul>"
        '<figure><img src="https://a.example/1.jpg"><figcaption>Seven</figcaption></figure>'
    )
    assert flat(_cleaner().clean(body), None)[1] == ""
