"""What a shared cache may keep, and what questions may be asked of the search."""

import re

from tests.e2e.bypass.conftest import Planted
from tests.e2e.bypass.routes import pressed
from tests.e2e.bypass.seed import GATED, canaries

MARKS = re.compile(r"\{\{|\}\}|\{%|%\}|%\w+\|")
CODE = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)


def words_of(value: object) -> str:
    """All the texts in a JSON document, whose own brackets are no marks."""
    if isinstance(value, dict):
        return " ".join(words_of(v) for pair in value.items() for v in pair)
    if isinstance(value, list):
        return " ".join(words_of(v) for v in value)
    return str(value)


def test_bypass_23_a_subscribers_answer_is_for_no_shared_cache(planted, visitors) -> None:
    for name in GATED:
        for who in ("active", "registered", "lapsed", "exhausted"):
            reply = visitors[who].client.get(planted.path(name))
            rule = reply.headers["cache-control"]
            assert "private" in rule, (name, who)
            assert name == "open" or "no-store" in rule, (name, who)
            assert "cookie" in reply.headers["vary"].lower(), (name, who)


def test_bypass_23_a_field_of_the_request_poisons_nothing(planted: Planted, visitors) -> None:
    client = visitors["anonymous"].client
    claims = {
        "x-forwarded-host": "evil.example", "x-original-url": "/desk/", "x-rewrite-url": "/",
        "x-forwarded-proto": "gopher", "x-forwarded-prefix": "/evil",
        "forwarded": "host=evil.example",
    }  # fmt: skip
    for path in (planted.path("premium"), "/", "/search?q=boats", "/subscribe/"):
        plain, bent = client.get(path), client.get(path, headers=claims)
        assert bent.status_code == plain.status_code
        assert "evil" not in bent.text + str(bent.headers), path


def test_bypass_19_20_the_search_answers_nothing_about_gated_text(planted, visitors) -> None:
    client = visitors["active"].client
    for name in (*GATED[1:], "embargoed", "withdrawn", "draft"):
        for word in canaries(name):
            for question in (word, word[:-2], f'"{word}"', f"boats {word}", f"{word}*"):
                reply = client.get("/search", params={"q": question})
                assert reply.status_code == 200
                assert "estuary-count-for-the-" not in reply.text, question


def test_bypass_38_no_page_shows_a_template_mark(planted: Planted, visitors) -> None:
    client, bad = visitors["active"].client, []
    for path in pressed(planted.house.home):
        reply = client.get(path)
        text = words_of(reply.json()) if path.endswith(".json") else CODE.sub("", reply.text)
        if mark := MARKS.search(text):
            bad.append((path, text[mark.start() - 40 : mark.end() + 40]))
    assert not bad


def test_bypass_39_structured_data_says_free_exactly_when_it_is(planted, visitors) -> None:
    for name in GATED:
        said = visitors["exhausted"].client.get(planted.path(name)).text.replace(" ", "")
        is_teaser = "article-teaser" in said
        assert ('"isAccessibleForFree":false' in said) == is_teaser, name
        assert ('"hasPart"' in said) == is_teaser, name


def test_bypass_06_the_page_is_the_same_bytes_for_every_browser(planted, visitors) -> None:
    client = visitors["exhausted"].client
    agents = ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140", "Lynx/2.9", "Links (2.29)")
    for name in GATED[1:]:
        answers = {client.get(planted.path(name), headers={"user-agent": a}).text for a in agents}
        assert len(answers) == 1, name
