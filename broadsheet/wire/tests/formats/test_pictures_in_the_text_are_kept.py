"""Pictures inside bodies are pictures of the item: with their own words, each once, no pixels."""

import json

import pytest

from broadsheet.kit.html import pictures_inside, sanitise, without_pictures
from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.formats.inside import MOST_PICTURES, divided
from broadsheet.wire.tests.formats.agency import HEDLINE, XHTML, g2_text, nitf
from broadsheet.wire.tests.formats.feeds import atom, item, rss

_FIGURE = (
    '<figure><img src="{}" alt="The ferry in dock"/>'
    "<figcaption>The <em>ferry</em> in March. <span>Photo: Ann Lee</span></figcaption></figure>"
)
_BODY = "<p>It rained.</p>" + _FIGURE.format("https://pictures.example/ferry.jpg") + "<p>More.</p>"


def _rss(body: str, more: str = "", url: str = "https://wire.example/feed") -> Entry:
    stated = item(text=f"<![CDATA[{body}]]>").replace("</item>", f"{more}</item>")
    return parse(rss(stated), url=url).entries[0]


def _in_every_format() -> dict[str, Entry]:
    story = {"uri": "urn:x", "headline": "Ferry sails", "body_xhtml": _BODY}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": []}
    feed["items"] = [{"id": "1", "title": "Ferry sails", "content_html": _BODY}]
    content = f"<content type='html'><![CDATA[{_BODY}]]></content>"
    documents = {
        "rss": rss(item(text=f"<![CDATA[{_BODY}]]>")),
        "atom": atom(f"<entry><title>Ferry sails</title>{content}</entry>"),
        "jsonfeed": json.dumps(feed).encode(),
        "ninjs": json.dumps(story).encode(),
    }
    return {name: parse(data).entries[0] for name, data in documents.items()}


def test_a_picture_in_the_text_has_its_caption_credit_and_description_in_every_format() -> None:
    for name, entry in _in_every_format().items():
        (picture,) = entry.pictures
        told = (picture.url, picture.caption, picture.credit, picture.alt, picture.inside)
        address = "https://pictures.example/ferry.jpg"
        assert told == (address, "The ferry in March.", "Ann Lee", "The ferry in dock", True), name


def test_pictures_in_the_text_come_after_the_items_own_in_order() -> None:
    body = "".join(_FIGURE.format(f"https://pictures.example/{name}.jpg") for name in "cab")
    own = '<media:content url="https://pictures.example/own.jpg" medium="image"/>'
    entry = _rss(body, own)
    assert [picture.url[25:] for picture in entry.pictures] == [
        *("own.jpg", "c.jpg", "a.jpg", "b.jpg")
    ]
    assert [picture.inside for picture in entry.pictures] == [False, True, True, True]


@pytest.mark.parametrize(
    "own",
    [
        "https://pictures.example/ferry.jpg",
        "https://pictures.example/ferry.jpg?w=1200",
        "http://pictures.example/ferry-1200x800.jpg",
    ],
)
def test_a_picture_that_also_stands_in_the_text_is_one_and_gets_its_words(own: str) -> None:
    (picture,) = _rss(_BODY, f'<enclosure url="{own}" type="image/jpeg"/>').pictures
    assert (picture.url, picture.inside) == (own, False)
    assert (picture.credit, picture.caption) == ("Ann Lee", "The ferry in March.")


def test_pictures_that_differ_by_their_query_alone_are_two_when_they_are_no_files() -> None:
    body = "".join(f'<img src="https://pictures.example/show?id={number}">' for number in "12")
    assert len(_rss(body).pictures) == 2


def test_case_24_counting_pixels_signs_and_buttons_in_the_text_are_no_pictures() -> None:
    body = (
        '<p>Words.</p><img src="https://wire.example/p.gif" width="1" height="1">'
        '<img src="https://pixel.wp.com/b.gif"><img src="https://wire.example/s.png" width="16">'
        '<img src="https://s.w.org/images/core/emoji/13/72x72/1f600.png">'
    )
    assert _rss(body).pictures == ()


def test_case_25_addresses_of_pictures_in_the_text_are_resolved() -> None:
    body = '<figure><img src="/p.jpg"></figure><img data-src="q.jpg" src="data:image/gif;base64,x">'
    assert [picture.url for picture in _rss(body).pictures] == [
        "https://wire.example/p.jpg",
        "https://wire.example/q.jpg",
    ]


def test_case_51_the_caption_of_one_picture_is_never_anothers() -> None:
    two = '<figure><img src="https://x.example/1.jpg"><img src="https://x.example/2.jpg">'
    one = '<figure><img src="https://x.example/3.jpg"><figcaption>Three © Bo</figcaption></figure>'
    entry = _rss(f"{two}<figcaption>Both. Photo: Ann Lee</figcaption></figure>{one}")
    assert [(picture.caption, picture.credit) for picture in entry.pictures] == [
        *(("", ""), ("", ""), ("Three", "Bo"))
    ]


@pytest.mark.parametrize(
    ("stated", "caption", "credit"),
    [
        ("The ferry. Photo: Ann Lee", "The ferry.", "Ann Lee"),
        ("The ferry. (AP Photo/Ann Lee)", "The ferry.", "AP Photo/Ann Lee"),
        ("The ferry | Photo credit: Ann Lee/Wire", "The ferry", "Ann Lee/Wire"),
        ("The ferry. Photograph by A. Lee for The Wire", "The ferry.", "A. Lee for The Wire"),
        ("The ferry (Photo by Ann Lee)", "The ferry", "Ann Lee"),
        ("Die Fähre. Foto: Ann von der Au/dpa", "Die Fähre.", "Ann von der Au/dpa"),
        ("Image: Ann Lee", "", "Ann Lee"),
        ("The ferry © Ann Lee", "The ferry", "Ann Lee"),
        ("Photo: The mayor opens the bridge", "Photo: The mayor opens the bridge", ""),
        ("He took a photo by Lake Geneva", "He took a photo by Lake Geneva", ""),
        ("The credit: it is lost", "The credit: it is lost", ""),
    ],
)
def test_case_51_a_credit_is_read_only_where_it_is_named_so(
    stated: str, caption: str, credit: str
) -> None:
    assert divided(stated) == (caption, credit)


def test_a_body_full_of_pictures_is_read_so_far_and_it_is_told() -> None:
    body = "".join(f'<img src="https://pictures.example/{n}.jpg">' for n in range(300))
    parsed = parse(rss(item(text=f"<![CDATA[<p>Words.</p>{body}]]>")))
    assert len(parsed.entries[0].pictures) == MOST_PICTURES
    assert len(parsed.repairs) == 1


def test_a_body_without_its_pictures_has_no_caption_nor_link_without_them() -> None:
    linked = '<p><a href="https://x.example/"><img src="https://x.example/1.jpg"></a></p>'
    body = sanitise(_BODY + linked)
    assert len(pictures_inside(body)) == 2
    assert "".join(without_pictures(body).split()) == "<p>Itrained.</p><p>More.</p>"


def test_pictures_of_nitf_and_of_xhtml_in_newsml_g2_are_kept() -> None:
    media = (
        '<media media-type="image"><media-reference source="https://pictures.example/f.jpg"/>'
        "<media-caption>The ferry</media-caption><media-producer>Ann Lee</media-producer></media>"
    )
    (own,) = parse(nitf("", HEDLINE, f"<p>x</p>{media}")).entries[0].pictures
    assert (own.caption, own.credit, own.inside) == ("The ferry", "Ann Lee", False)
    (inside,) = parse(g2_text(content=XHTML.format(_BODY)).encode()).entries[0].pictures
    assert (inside.caption, inside.credit) == ("The ferry in March.", "Ann Lee")
