"""Tokens of links and the cookie that holds them: signed, bounded, each for one article."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate import links
from broadsheet.gate.links import ANY_RIGHT, HELD_AT_MOST, NONE_HELD, Held, Link
from broadsheet.gate.passes import new_reader_id
from broadsheet.gate.rules import is_lent

SECRET = b"a key for tests only"
KEY, HELD_KEY = links.link_key(SECRET), links.held_key(SECRET)
NOW = 1_800_000_000
LINK = Link("gift", 12, 4711, NOW + 60, 10, right="unlimited")

number = st.integers(1, 10**15 - 1)
link = st.builds(
    Link,
    st.sampled_from(("gift", "share", "newsletter")),
    number,
    number,
    st.integers(0, 10**11 - 1),
    st.integers(0, links.MOST_READERS),
    st.integers(0, 10**15 - 1),
    st.sampled_from((ANY_RIGHT, "unlimited", "premium", "newsletter:markets.daily", "a-b_c")),
)
text = st.text(string.ascii_letters + string.digits + "-_.:~%&=", max_size=80)


@given(link)
def test_a_link_is_what_was_signed(one: Link) -> None:
    token = links.sign_link(one, KEY)
    assert links.read_link(token, KEY) == one
    assert len(token) <= links.LONGEST_TOKEN
    assert links.link_in(f"utm_source=mail&link={token}&x=1", KEY) == one


@given(link, st.data())
def test_a_bent_token_is_none(one: Link, data: st.DataObject) -> None:
    token = links.sign_link(one, KEY)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("AZaz09-_.").filter(lambda letter: letter != token[at]))
    assert links.read_link(token[:at] + other + token[at + 1 :], KEY) is None


@given(text)
def test_a_guessed_token_is_none(guess: str) -> None:
    assert links.read_link(guess, KEY) is None
    assert links.link_in(f"link={guess}", KEY) is None
    assert links.read_held(guess, HELD_KEY) == NONE_HELD


@pytest.mark.parametrize(
    "query",
    ["", "link=", "link", "xlink={t}", "link={t}&link={t}", "link={t}&link=", "link[]={t}",
     "LINK={t}", "link={t}.", "link=.{t}", "link={t}" + "A" * 300, "link=\u0661{t}"],
)  # fmt: skip
def test_a_token_must_stand_there_once_and_whole(query: str) -> None:
    assert links.link_in(query.replace("{t}", links.sign_link(LINK, KEY)), KEY) is None


def test_each_purpose_has_its_own_key() -> None:
    held = Held(new_reader_id(), (LINK,))
    assert links.read_link(links.sign_link(LINK, HELD_KEY), KEY) is None
    assert links.read_held(links.sign_held(held, KEY), HELD_KEY) == NONE_HELD
    # Neither is the text of a cookie, with its own MAC, a token.
    assert links.read_link(links.sign_held(held, HELD_KEY), KEY) is None


def test_what_is_out_of_bounds_is_not_signed() -> None:
    for wrong in (LINK._replace(most=-1), LINK._replace(right="A.b"), LINK._replace(until=10**12)):
        with pytest.raises(ValueError, match="No link can say"):
            links.sign_link(wrong, KEY)


@given(st.lists(link, max_size=HELD_AT_MOST))
def test_a_browser_holds_what_it_was_given(several: list[Link]) -> None:
    held = Held(new_reader_id(), tuple(several))
    value = links.sign_held(held, HELD_KEY)
    assert links.read_held(value, HELD_KEY) == held
    assert len(value) <= links.LONGEST_COOKIE
    assert links.read_held(value[:-1] + ("A" if value[-1] != "A" else "B"), HELD_KEY) == NONE_HELD


def test_the_newest_links_are_held_and_the_browser_stays_the_same() -> None:
    held = NONE_HELD
    for n in range(1, 20):
        held = links.with_link(held, LINK._replace(number=n), NOW)
    assert [one.number for one in held.links] == list(range(19, 19 - HELD_AT_MOST, -1))
    again = links.with_link(held, LINK._replace(number=15), NOW)
    assert again.browser == held.browser
    assert [one.number for one in again.links][:3] == [15, 19, 18]
    assert len(again.links) == HELD_AT_MOST
    assert links.with_link(held, LINK, NOW + 61).links == (LINK,)


def test_the_cookie_is_out_of_reach_and_ends_with_its_last_link() -> None:
    held = Held("A" * 22, (LINK, LINK._replace(number=13, until=NOW + 90)))
    field = links.held_cookie(held, HELD_KEY, "https://paper.test", NOW + 0.5)
    name, *rest = field.split("; ")
    assert name.startswith("__Host-links=")
    assert rest == ["Path=/", "Max-Age=89", "HttpOnly", "SameSite=Lax", "Secure"]
    assert links.held_cookie(held, HELD_KEY, "http://localhost", NOW).startswith("links=")


def test_a_link_lends_what_its_right_opens() -> None:
    assert is_lent("metered", "unlimited")
    assert is_lent("registered", "unlimited")
    assert is_lent("premium", "premium")
    assert is_lent("smart_investor", "smart_investor")
    assert not is_lent("premium", "unlimited")
    assert not is_lent("metered", "premium")
    assert not is_lent("no word", "no word")
    assert all(is_lent(access, ANY_RIGHT) for access in ("metered", "registered", "premium", "x"))
