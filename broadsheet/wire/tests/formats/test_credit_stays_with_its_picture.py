from broadsheet.wire.formats import ParsedPicture, parse
from broadsheet.wire.tests.formats.feeds import rss


def _pictures(inner: str, url: str | None = None) -> tuple[ParsedPicture, ...]:
    return parse(rss(f"<item><title>x</title>{inner}</item>"), url=url).entries[0].pictures


def _content(name: str, credit: str, more: str = "") -> str:
    return (
        f'<media:content url="https://p.example/{name}" type="image/jpeg" {more}>'
        f"<media:credit>{credit}</media:credit><media:description>Of {name}</media:description>"
        "</media:content>"
    )


def test_two_pictures_keep_their_own_credits_and_captions() -> None:
    found = _pictures(_content("1.jpg", "Ann") + _content("2.jpg", "Bob"))
    assert [(p.credit, p.caption) for p in found] == [("Ann", "Of 1.jpg"), ("Bob", "Of 2.jpg")]


def test_a_credit_of_the_item_goes_to_its_only_picture() -> None:
    one = '<media:content url="https://p.example/1.jpg" medium="image"/>'
    assert _pictures(one + "<media:credit>Ann</media:credit>")[0].credit == "Ann"


def test_a_credit_of_the_item_is_given_to_none_of_two_pictures() -> None:
    two = "".join(f'<media:content url="https://p.example/{n}.jpg"/>' for n in (1, 2))
    assert [p.credit for p in _pictures(two + "<media:credit>Ann</media:credit>")] == ["", ""]


def test_a_group_is_one_picture_in_its_largest_size() -> None:
    sizes = _content("s.jpg", "Ann", 'width="100"') + _content("l.jpg", "Ann", 'width="900"')
    found = _pictures(f"<media:group>{sizes}</media:group>")
    assert [(p.url, p.width) for p in found] == [("https://p.example/l.jpg", 900)]


def test_films_and_sounds_are_no_pictures() -> None:
    film = '<media:content url="https://p.example/1.mp4" type="video/mp4"/>'
    assert _pictures(film + '<enclosure url="https://p.example/1.mp3" type="audio/mpeg"/>') == ()


def test_an_enclosed_picture_is_found() -> None:
    found = _pictures('<enclosure url="https://p.example/1.png" type="image/png"/>')
    assert [(p.url, p.mime) for p in found] == [("https://p.example/1.png", "image/png")]


def test_a_thumbnail_is_used_only_for_want_of_better() -> None:
    small = '<media:thumbnail url="https://p.example/t.jpg" width="90"/>'
    assert [p.url for p in _pictures(small)] == ["https://p.example/t.jpg"]
    assert [p.url for p in _pictures(small + _content("1.jpg", "Ann"))] == [
        "https://p.example/1.jpg"
    ]


def test_a_relative_picture_is_resolved_on_the_web_and_kept_in_a_folder() -> None:
    inner = '<enclosure url="img/1.png" type="image/png"/>'
    assert _pictures(inner, "https://w.example/f/")[0].url == "https://w.example/f/img/1.png"
    assert _pictures(inner, "file:///drop/a.xml")[0].url == "img/1.png"
    assert _pictures(inner)[0].url == "img/1.png"


def test_a_picture_that_is_no_address_is_dropped() -> None:
    assert _pictures('<enclosure url="javascript:x()" type="image/png"/>') == ()
