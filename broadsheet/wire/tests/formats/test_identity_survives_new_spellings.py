from broadsheet.wire.formats import Entry, parse
from broadsheet.wire.tests.formats.feeds import rss


def _entry(inner: str) -> Entry:
    return parse(rss(f"<item><title>x</title>{inner}</item>")).entries[0]


def test_two_spellings_of_one_link_are_one_alias() -> None:
    one = _entry("<link>http://www.wire.example/a/?utm_source=rss#top</link>")
    two = _entry("<link>https://wire.example/a</link>")
    assert one.aliases == two.aliases == ("link:https://wire.example/a",)


def test_the_guid_is_kept_as_stated_and_compared_without_scheme() -> None:
    one, two = (
        _entry("<guid>http://wire.example/a</guid>"),
        _entry("<guid>https://wire.example/a</guid>"),
    )
    assert one.id == "http://wire.example/a"
    assert set(one.aliases) == set(two.aliases)


def test_a_guid_that_is_no_permalink_is_no_link() -> None:
    assert _entry('<guid isPermaLink="false">http://wire.example/a</guid>').url == ""


def test_an_item_without_identity_has_none() -> None:
    entry = _entry("")
    assert (entry.id, entry.aliases) == ("", ())
