"""What the paper asks of machines, and what the gate hears of it."""

import json
import sqlite3
from contextlib import closing

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from broadsheet.desk.models import Article
from broadsheet.gate.crawlers import Choice
from broadsheet.gate.facts import read_facts
from broadsheet.press import actions as press
from broadsheet.press.models import MachinesPolicy
from broadsheet.press.robots import AGENTS, Terms, robots
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, publisher
from tests.cast import ada, ninjs, send
from tests.surfaces import surfaces

PAGE = ("press", "machinespolicy")
FORM = {
    "crawlers": [], "crawler_networks": "", "shut": "nobody", "licence": "", "train": "",
    "search": "",
}  # fmt: skip


def groups(text: str) -> dict[str, list[str]]:
    """The rules for each product token, as RFC 9309 reads them: groups of one token are one."""
    found: dict[str, list[str]] = {}
    tokens: list[str] = []
    in_rules = False
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key.lower() == "user-agent":
            tokens = [*([] if in_rules else tokens), value.lower()]
            in_rules = False
        elif line and key.lower() not in ("sitemap", "license"):
            in_rules = True
            for token in tokens:
                found.setdefault(token, []).append(f"{key}: {value}")
    return found


def asked(home) -> tuple[str, object]:
    """robots.txt and the facts in the pressed store."""
    with closing(sqlite3.connect(home / "pressed.sqlite3")) as store:
        return surfaces()["/robots.txt", "plain"], read_facts(store)


def changes(home) -> dict[str, int]:
    with closing(sqlite3.connect(home / "pressed.sqlite3")) as store:
        return dict(store.execute("SELECT path || variant, changed FROM page"))


@pytest.fixture
def save(paper, home, django_capture_on_commit_callbacks):
    """Save the settings as the desk does; the request presses them."""
    press.press_everything()

    def saved(**facts):
        with django_capture_on_commit_callbacks(execute=True):
            policy = MachinesPolicy.current()
            for name, value in facts.items():
                setattr(policy, name, value)
            policy.full_clean()
            policy.save()
        return asked(home)

    return saved


def test_a_new_paper_asks_ai_crawlers_nothing_and_gives_crawlers_teasers(paper, home):
    press.press_everything()
    text, facts = asked(home)
    assert set(groups(text)) == {"*"}
    assert "License" not in text and "Content-Usage" not in text
    assert (facts.crawlers, facts.usage) == (Choice(), "")
    assert not MachinesPolicy.objects.exists(), "reading writes nothing"


def test_training_crawlers_are_shut_out_and_those_that_answer_are_not(save):
    found = groups(save(shut="training")[0])
    for agent in AGENTS:
        shut = agent.purpose == "training"
        assert found.get(agent.token.lower()) == (["Disallow: /"] if shut else None), agent
    assert "Disallow: /desk/" in found["*"] and "Disallow: /" not in found["*"]


def test_all_ai_crawlers_are_shut_out_and_search_engines_stay(save):
    found = groups(save(shut="all")[0])
    assert all(found[agent.token.lower()] == ["Disallow: /"] for agent in AGENTS)
    assert not {"googlebot", "bingbot", "applebot", "duckduckbot"} & set(found)


def test_the_licence_line_stands_before_all_groups(save):
    text, _ = save(licence="https://lantern.example/rsl.xml", shut="all")
    assert text.splitlines()[0] == "License: https://lantern.example/rsl.xml"


def test_usage_preferences_are_said_where_the_publisher_wants_them(save):
    text, facts = save(train="n", search="y")
    assert groups(text)["*"][0] == "Content-Usage: train-ai=n, search=y"
    assert facts.usage == "train-ai=n, search=y"
    text, facts = save(usage_in_robots=False)
    assert ("Content-Usage" in text, facts.usage) == (False, "train-ai=n, search=y")
    text, facts = save(usage_in_robots=True, usage_in_answers=False, search="")
    assert "Content-Usage: train-ai=n\n" in text and facts.usage == ""


def test_a_change_presses_robots_txt_and_no_other_page(feed, home, save):
    send(feed, ninjs("urn:1", headline="Edge"))
    press.catch_up()
    before = changes(home)
    save(shut="training", licence="https://lantern.example/rsl.xml")
    after = changes(home)
    assert {path for path in after if after[path] != before.get(path)} == {"/robots.txtplain"}
    save(crawlers=["googlebot"])
    assert changes(home) == after


def test_the_gate_hears_whose_crawlers_get_whole_reports(save):
    networks = "duckduckbot 20.191.45.0/24\n\nGooglebot  66.249.64.0/19"
    _, facts = save(crawlers=["googlebot", "gone"], crawler_networks=networks)
    pairs = (("duckduckbot", "20.191.45.0/24"), ("googlebot", "66.249.64.0/19"))
    assert facts.crawlers == Choice(frozenset({"googlebot"}), False, pairs)
    assert save(crawlers_premium=True)[1].crawlers.premium


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crawler_networks", "20.191.45.0/24"), ("crawler_networks", "evilbot 20.191.45.0/24"),
        ("crawler_networks", "googlebot 10.0.0.0/8"), ("crawler_networks", "googlebot 0.0.0.0/0"),
        ("crawler_networks", "googlebot"), ("licence", "/rsl.xml"), ("licence", "javascript:x"),
        ("licence", "https://a.example/x\nDisallow: /"), ("shut", "some"), ("train", "maybe"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(save, name, text):
    with pytest.raises(ValidationError) as refused:
        save(**{name: text})
    assert name in refused.value.message_dict


def test_gated_pages_ask_not_to_be_kept(feed, home):
    send(feed, ninjs("urn:1", headline="Edge"))
    press.press_everything()
    article = Article.objects.get()
    mark = '<meta name="robots" content="noarchive">'
    assert mark in surfaces()[article.path, "full"] and mark in surfaces()[article.path, "teaser"]
    Article.objects.update(access="open")
    press.press_everything()
    assert mark not in surfaces()[article.path, "full"]


def test_every_agent_says_where_its_facts_are_from_and_stands_once():
    assert len({agent.token.lower() for agent in AGENTS}) == len(AGENTS)
    assert all(agent.source.startswith("https://") for agent in AGENTS)
    assert robots("https://a.example", Terms()).endswith(b"/news-sitemap.xml\n")


def test_the_publisher_sets_it_in_the_desk(save, home, django_capture_on_commit_callbacks):
    client = publisher()
    page = client.get(reverse("wagtailsettings:edit", args=PAGE), follow=True)
    assert b"googlebot" in page.content and b"asks to stay away" in page.content
    address = page.request["PATH_INFO"]
    bad = client.post(address, FORM | {"crawler_networks": "googlebot 10.0.0.0/8"})
    assert b"10.0.0.0/8 is not public" in bad.content
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, FORM | {"crawlers": ["googlebot"], "shut": "all"})
    text, facts = asked(home)
    assert facts.crawlers.full == {"googlebot"} and "GPTBot" in text
    assert json.loads(json.dumps(MachinesPolicy.current().crawlers)) == ["googlebot"]


def test_only_who_may_sees_and_changes_it(save):
    address = reverse("wagtailsettings:edit", args=(*PAGE, MachinesPolicy.objects.create().pk))
    editor = at_desk(ada())
    assert editor.get(address).status_code in (302, 403)
    editor.post(address, FORM | {"shut": "all"})
    assert MachinesPolicy.current().shut == "nobody"
    assert clerk("press.change_machinespolicy").get(address).status_code == 200
