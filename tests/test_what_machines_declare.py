"""What a machine says of itself, of its licence or its purpose opens nothing; what the paper
says of its content is said with every page."""

import pytest

from broadsheet.gate.crawlers import FAMILIES, Choice, choice_text
from broadsheet.gate.pressed import PressRun
from broadsheet.gate.tests.conftest import Paper, article, new_paper, page
from broadsheet.gate.tests.test_premium import leaks
from broadsheet.press.robots import AGENTS
from tests.waiting import wait_until

GATED = ("registered", "premium", "epaper")
SAID = "train-ai=n, search=y"
DECLARED = (
    {"authorization": "License abc"},
    {"authorization": "Bearer abc"},
    {"signature_agent": '"https://chatgpt.com"', "signature_input": 'sig1=();tag="web-bot-auth"'},
    {"signature": "sig1=:AAAA:"},
    {"content_usage": "train-ai=y"},
    {"from": "gptbot@openai.com"},
    {"x_robots_tag": "all"},
    {"crawler_exact_price": "USD 1.00"},
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """A served paper that shuts nobody out, and lets every engine's verified crawlers in."""
    made = new_paper(tmp_path_factory.mktemp("machines"))
    pages = [one for n, name in enumerate(GATED, 1) for one in article(f"/2026/{name}", n, name)]
    choice = Choice(frozenset(family.name for family in FAMILIES), premium=True)
    made.press(*pages, crawlers=choice_text(choice), usage=SAID)
    made.resolver = "127.0.0.1:9"
    made.start()
    yield made
    made.kill()


def test_bypass_11_no_name_of_an_ai_crawler_opens_anything(paper: Paper):
    for name in GATED:
        plain = paper.ask(f"/2026/{name}", accept_encoding="identity")
        for agent in AGENTS:
            for text in (agent.token, f"Mozilla/5.0 (compatible; {agent.token}/1.0)"):
                reply = paper.ask(f"/2026/{name}", user_agent=text, accept_encoding="identity")
                assert not leaks(reply), agent
                assert (reply.status, reply.body) == (plain.status, plain.body), agent


@pytest.mark.parametrize("declared", DECLARED)
def test_bypass_11_no_licence_signature_or_purpose_opens_anything(paper: Paper, declared):
    for name in GATED:
        plain = paper.ask(f"/2026/{name}", accept_encoding="identity")
        reply = paper.ask(
            f"/2026/{name}", user_agent="GPTBot/1.2", accept_encoding="identity", **declared
        )
        assert (reply.status, reply.body) == (plain.status, plain.body)


def test_the_usage_preference_goes_with_every_page_and_changes_at_once(paper: Paper):
    for path in ("/", *(f"/2026/{name}" for name in GATED)):
        assert paper.ask(path).get("content-usage") == SAID

    def unsaid(run: PressRun) -> None:
        run.set_fact("usage", "")
        run.put(page("/late", "<p>Late.</p>", "plain"))

    paper.press_event(unsaid)
    wait_until(lambda: not paper.ask("/").all("content-usage"))
    assert not paper.ask("/2026/premium").all("content-usage")
