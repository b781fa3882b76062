"""The meter as readers meet it: a real gate, real connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from broadsheet.gate.policy import Allowance, Policy, policy_text
from broadsheet.gate.tests.conftest import CANARY, Paper, Reply, article

PLAIN = {"accept_encoding": "identity"}


def press_articles(paper: Paper, count: int) -> list[str]:
    paths = [f"/2026/11/21/story-{n}" for n in range(1, count + 1)]
    paper.press(*(page for n, path in enumerate(paths, 1) for page in article(path, n)))
    return paths


@pytest.fixture(scope="module")
def stories(shared_paper: Paper) -> list[str]:
    """Forty metered articles; every test comes with readers of its own."""
    paths = press_articles(shared_paper, 40)
    shared_paper.start()
    return paths


def is_open(reply: Reply) -> bool:
    return CANARY.encode() in reply.body


def test_parallel_requests_open_exactly_as_many_as_are_free(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories
    cookie = paper.reader_cookie()
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda path: paper.ask(path, cookie=cookie, **PLAIN), paths))
    assert sum(map(is_open, replies)) == 3
    assert all(b"wall limit_anonymous" in r.body for r in replies if not is_open(r))


def test_one_article_asked_in_parallel_counts_once(shared_paper: Paper, stories: list[str]) -> None:
    paper, paths = shared_paper, stories[:3]
    cookie = paper.reader_cookie()
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: paper.ask(paths[0], cookie=cookie, **PLAIN), range(40)))
    assert all(map(is_open, replies))
    assert is_open(paper.ask(paths[1], cookie=cookie, **PLAIN))
    assert is_open(paper.ask(paths[2], cookie=cookie, **PLAIN))


def test_rereading_is_free_and_survives_a_kill(paper: Paper) -> None:
    paths = press_articles(paper, 6)
    paper.start()
    cookie = paper.reader_cookie()
    assert [is_open(paper.ask(p, cookie=cookie, **PLAIN)) for p in paths[:4]] == [True] * 3 + [
        False
    ]
    paper.kill()
    paper.start()
    assert [is_open(paper.ask(p, cookie=cookie, **PLAIN)) for p in paths] == [True] * 3 + [
        False
    ] * 3


def test_a_reader_without_a_cookie_gets_one_that_counts(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories[:5]
    first = paper.ask(paths[0], **PLAIN)
    (set_cookie,) = first.all("set-cookie")
    assert is_open(first)
    assert set_cookie.startswith("reader=") and "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie and "Secure" not in set_cookie
    cookie = set_cookie.partition(";")[0]
    replies = [paper.ask(path, cookie=cookie, **PLAIN) for path in paths]
    assert [is_open(reply) for reply in replies] == [True] * 3 + [False] * 2
    assert not any(reply.all("set-cookie") for reply in replies)


def test_money_case_58_a_forged_cookie_counts_as_none(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories[:4]
    good = paper.reader_cookie()
    for path in paths[:3]:
        paper.ask(path, cookie=good)
    for forged in (good[:-1] + ("A" if good[-1] != "A" else "B"), f"{good}; {good}", "reader=x"):
        assert paper.ask(paths[3], cookie=forged, **PLAIN).all("set-cookie")
    assert not is_open(paper.ask(paths[3], cookie=good, **PLAIN))


def test_two_cookie_fields_are_two_cookies(shared_paper: Paper, stories: list[str]) -> None:
    paper, path = shared_paper, stories[0]
    one, two = paper.reader_cookie(), paper.reader_cookie()
    request = f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
    answer = paper.raw(f"{request}cookie: {one}\r\ncookie: {two}\r\n\r\n".encode())
    assert b"set-cookie: reader=" in answer


def test_money_case_58_an_account_has_its_own_limit_and_keeps_what_was_read_before(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories[:10]
    anonymous, signed_in = paper.reader_cookie(), paper.pass_cookie(7)
    for path in paths[:3]:
        paper.ask(path, cookie=anonymous)
    both = f"{anonymous}; {signed_in}"
    replies = [paper.ask(path, cookie=both, **PLAIN) for path in paths]
    assert [is_open(reply) for reply in replies] == [True] * 5 + [False] * 5
    assert b"wall limit_registered" in replies[-1].body


def test_a_subscriber_reads_without_limit_and_without_ads(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories[:10]
    cookie = paper.pass_cookie(7, "unlimited", "ad_free")
    replies = [paper.ask(path, cookie=cookie, **PLAIN) for path in paths]
    assert all(is_open(reply) and b"<aside>" not in reply.body for reply in replies)


def test_a_head_and_a_prefetch_request_spend_and_get_nothing(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, paths = shared_paper, stories[:6]
    cookie = paper.reader_cookie()
    assert paper.ask(paths[4], "HEAD", cookie=cookie).status == 200
    for field in (
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x_moz": "prefetch"},
    ):
        prefetched = paper.ask(paths[4], cookie=cookie, **field, **PLAIN)
        assert prefetched.status == 503 and prefetched.get("cache-control") == "no-store"
        assert not is_open(prefetched)
    assert [is_open(paper.ask(p, cookie=cookie, **PLAIN)) for p in paths[:4]] == [True] * 3 + [
        False
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"if_none_match": "*"},
        {"if_modified_since": "Sat, 01 Jan 2028 00:00:00 GMT"},
        {"if_match": '"x"'},
    ],
)
def test_with_a_condition_a_request_spends_and_gets_what_any_does(
    shared_paper: Paper, stories: list[str], condition: dict[str, str]
) -> None:
    paper, cookie = shared_paper, shared_paper.reader_cookie()
    replies = [paper.ask(p, cookie=cookie, **condition, **PLAIN) for p in stories[:4] * 2]
    assert {reply.status for reply in replies} == {200}
    assert [is_open(reply) for reply in replies] == [True, True, True, False] * 2


def test_a_prefetch_of_an_article_already_read_is_answered(
    shared_paper: Paper, stories: list[str]
) -> None:
    paper, path = shared_paper, stories[0]
    cookie = paper.reader_cookie()
    paper.ask(path, cookie=cookie)
    assert is_open(paper.ask(path, cookie=cookie, sec_purpose="prefetch", **PLAIN))


def test_new_limits_are_in_force_at_once(paper: Paper) -> None:
    paths = press_articles(paper, 6)
    paper.start()
    cookie = paper.reader_cookie()
    for path in paths[:4]:
        paper.ask(path, cookie=cookie)
    paper.press(policy=policy_text(Policy((Allowance("anonymous", 5),))))
    paper.taken_up()
    assert [is_open(paper.ask(p, cookie=cookie, **PLAIN)) for p in paths] == [True] * 5 + [False]
