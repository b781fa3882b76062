import json

from broadsheet.wire.formats import Enclosure, parse
from broadsheet.wire.tests.formats.feeds import atom, rss

_SOUND = "https://w.example/ferry.mp3"
_FILM = "https://w.example/ferry.mp4"


def _of_rss(inner: str) -> tuple[Enclosure, ...]:
    return parse(rss(f"<item><title>x</title>{inner}</item>")).entries[0].enclosures


def test_an_enclosure_of_rss() -> None:
    inner = f'<enclosure url="{_SOUND}" type="Audio/MPEG" length="1234"/>'
    assert _of_rss(inner) == (Enclosure(_SOUND, "audio/mpeg", 1234),)


def test_media_that_is_no_picture() -> None:
    inner = (
        f'<media:group><media:content url="{_FILM}" medium="video" fileSize="99"/>'
        '<media:content url="https://w.example/still.jpg" medium="image"/></media:group>'
    )
    assert _of_rss(inner) == (Enclosure(_FILM, "video/*", 99),)


def test_one_file_stated_twice_is_one() -> None:
    inner = f'<enclosure url="{_FILM}"/><media:content url="{_FILM}" type="video/mp4"/>'
    assert [enclosure.url for enclosure in _of_rss(inner)] == [_FILM]


def test_an_address_that_is_none_or_runs_something_is_left_out() -> None:
    assert _of_rss('<enclosure url=""/><enclosure url="javascript:x()"/>') == ()


def test_an_enclosure_of_atom() -> None:
    link = f"<link rel='enclosure' href='{_SOUND}' type='audio/mpeg' length='12' title='Horn'/>"
    entry = parse(atom(f"<entry><id>1</id><title>x</title>{link}</entry>")).entries[0]
    assert entry.enclosures == (Enclosure(_SOUND, "audio/mpeg", 12, "Horn"),)


def test_an_attachment_of_json_feed() -> None:
    attached = {"url": _SOUND, "mime_type": "audio/mpeg", "size_in_bytes": 12, "title": "Horn"}
    feed = {"items": [{"id": "1", "attachments": [attached, {"url": ""}]}]}
    assert parse(json.dumps(feed).encode()).entries[0].enclosures == (
        Enclosure(_SOUND, "audio/mpeg", 12, "Horn"),
    )


def test_renditions_of_a_film_in_ninjs() -> None:
    film = {
        "type": "video",
        "headline": "Horn",
        "renditions": {
            "clip": {"href": _FILM, "mimetype": "video/mp4", "sizeinbytes": 7},
            "still": {"href": "https://w.example/still.jpg", "mimetype": "image/jpeg"},
        },
    }
    story = {"guid": "h-1", "headline": "x", "body_html": "<p>y</p>"}
    data = json.dumps(story | {"associations": {"media": film}}).encode()
    assert parse(data).entries[0].enclosures == (Enclosure(_FILM, "video/mp4", 7, "Horn"),)
