from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import atom, item, rss

_BODY = '&lt;p>&lt;img src="/1.jpg">&lt;a href="more">x&lt;/a>&lt;/p>'


def test_case_25_against_the_link_of_the_item() -> None:
    data = rss(f"<item><link>https://w.example/a/b</link><description>{_BODY}</description></item>")
    assert 'src="https://w.example/1.jpg"' in parse(data).entries[0].body_html


def test_case_25_against_the_address_of_the_feed() -> None:
    body = parse(rss(item(text=_BODY)), url="https://f.example/x/feed").entries[0].body_html
    assert 'href="https://f.example/x/more"' in body


def test_case_25_against_xml_base() -> None:
    data = atom(
        '<entry xml:base="https://b.example/n/"><id>1</id><link href="a"/>'
        f'<content type="html" xml:base="deep/">{_BODY}</content></entry>'
    )
    entry = parse(data, url="https://f.example/").entries[0]
    assert 'href="https://b.example/n/deep/more"' in entry.body_html
    assert entry.url == "https://b.example/n/a"


def test_case_25_a_file_keeps_its_own_names() -> None:
    assert (
        'src="/1.jpg"' in parse(rss(item(text=_BODY)), url="file:///d/f.xml").entries[0].body_html
    )
