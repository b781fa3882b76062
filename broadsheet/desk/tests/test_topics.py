"""Topics in the desk: the wire's by default, ours once changed, named in the editor's language."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from broadsheet.accounts.models import User
from broadsheet.desk import actions as desk
from broadsheet.desk.actions.topics import tag
from broadsheet.desk.forms.names import TopicsField
from broadsheet.desk.models import Article, Edit, Rule, Section, Tagging, Topic
from broadsheet.desk.models.topics import OWN
from broadsheet.desk.tests import test_article_form
from broadsheet.desk.tests.test_article_form import errors, opened, post, url
from broadsheet.kit.say import Refusal
from tests.cast import ninjs, send

pytestmark = pytest.mark.django_db
client = test_article_form.client

BANK, ECONOMY, BUSINESS = "medtop:20000350", "medtop:20000344", "medtop:04000000"
SPORT, WEATHER = "medtop:15000000", "medtop:17000000"


@pytest.fixture
def article(feed):
    send(feed, ninjs(topics=[BANK, "quill:Harbours"]))
    return Article.objects.get()


def carried(article):
    """Codes of the topics it carries, by whether it was given them itself."""
    rows = Tagging.objects.filter(article=article).order_by("place")
    return [(row.topic.code, row.stated) for row in rows.select_related("topic")]


def test_the_wires_topics_are_carried_with_all_that_they_belong_to(article):
    assert carried(article) == [(BANK, True), (ECONOMY, False), (BUSINESS, False)]
    assert article.full_topics.splitlines() == [BANK, "quill:Harbours"]


def test_an_old_subject_code_is_carried_as_a_media_topic(feed):
    send(feed, ninjs(topics=["subj:15000000"]))
    assert carried(Article.objects.get()) == [(SPORT, True)]


def test_saving_unchanged_leaves_the_topics_to_the_wire(client, article):
    post(client, article, opened(client, url(article)))
    assert article.topics is None
    assert not Edit.objects.exists()


def test_a_form_shows_names_and_keeps_what_nobody_knows(client, article):
    data = opened(client, url(article))
    assert data["topics"] == "central bank\nquill:Harbours"
    post(client, article, data | {"topics": data["topics"] + "\nSport"})
    assert article.topics.splitlines() == [BANK, "quill:Harbours", SPORT]
    edit = Edit.objects.get(field="topics")
    assert (edit.before, edit.after, edit.by) == (None, article.topics, client.editor)


def test_topics_of_ours_stay_when_the_wire_sends_others(client, article, feed):
    post(client, article, opened(client, url(article)) | {"topics": "sport"})
    send(feed, ninjs(version=2, headline="Again", topics=[WEATHER]))
    assert carried(Article.objects.get()) == [(SPORT, True)]


def test_topics_that_nobody_changed_follow_the_wire(article, feed):
    send(feed, ninjs(version=2, headline="Again", topics=[WEATHER]))
    assert carried(Article.objects.get()) == [(WEATHER, True)]


def test_no_topic_at_all_is_a_word_of_ours(client, article, feed):
    post(client, article, opened(client, url(article)) | {"topics": ""})
    assert (article.topics, carried(article)) == ("", [])
    send(feed, ninjs(version=2, headline="Again", topics=[WEATHER]))
    assert carried(Article.objects.get()) == []


def test_naming_the_wires_topics_again_follows_the_wire(client, article):
    shown = opened(client, url(article))["topics"]
    post(client, article, opened(client, url(article)) | {"topics": "sport"})
    post(client, article, opened(client, url(article)) | {"topics": shown})
    assert article.topics is None


def test_topics_are_released_to_the_wire_and_brought_back(client, article):
    post(client, article, opened(client, url(article)) | {"topics": "sport"})
    page = client.get(url(article)).text
    assert reverse("desk_release", args=[article.pk, "topics"]) in page
    client.post(reverse("desk_release", args=[article.pk, "topics"]))
    assert carried(article)[0] == (BANK, True)
    desk.bring_back(Edit.objects.filter(field="topics").last(), by=client.editor)
    assert carried(article) == [(SPORT, True)]
    log = client.get(reverse("desk_log", args=[article.pk])).text
    assert "sport" in log
    assert SPORT not in log


def test_topics_are_not_a_rework_that_readers_must_be_told_of(client, article):
    post(client, article, opened(client, url(article)) | {"topics": "sport"})
    assert article.disclosure.form == "untouched"


def test_a_name_that_nobody_knows_is_refused_with_what_may_be_meant(client, article):
    answer = post(client, article, opened(client, url(article)) | {"topics": "central bnk"})
    said = str(errors(answer)["topics"])
    assert "There is no topic “central bnk”" in said
    assert "central bank" in said
    assert article.topics is None
    assert carried(article)[0] == (BANK, True)


def test_two_editors_do_not_overwrite_each_others_topics(client, article):
    hers = opened(client, url(article))
    post(client, article, opened(client, url(article)) | {"topics": "sport"})
    answer = post(client, article, hers | {"topics": "weather"})
    assert "it says now: “sport”" in str(errors(answer)["topics"])
    assert article.topics == SPORT
    post(client, article, hers | {"headline": "Ours"})
    assert (article.headline, article.topics) == ("Ours", SPORT)


def test_a_code_that_a_form_showed_may_come_back_when_the_wire_has_dropped_it(
    client, article, feed
):
    data = opened(client, url(article))
    send(feed, ninjs(version=2, headline="Again", topics=[WEATHER]))
    post(client, article, data | {"standfirst": "Ours"})
    assert (article.standfirst, article.topics) == ("Ours", None)


def test_names_are_those_of_the_editors_language(article):
    form = Article.objects.get()
    field = desk_field(form)
    with override("de"):
        assert field.prepare_value(form.full_topics) == "Zentralbank\nquill:Harbours"
        assert field.clean("Zentralbank\nsport") == f"{BANK}\n{SPORT}"


def desk_field(article):
    field = TopicsField()
    field.carried = article.full_topics.splitlines()
    return field


def test_a_rule_adds_topics_to_what_it_publishes(feed):
    Rule.objects.update(topics=f"{WEATHER}\n{SPORT}")
    send(feed, ninjs(topics=[BANK]))
    article = Article.objects.get()
    assert article.full_topics.splitlines() == [BANK, WEATHER, SPORT]
    send(feed, ninjs(version=2, headline="Again", topics=[SPORT]))
    assert Article.objects.get().full_topics.splitlines() == [SPORT, WEATHER]


def test_a_rule_names_its_topics_as_an_article_does(client, feed):
    User.objects.update(is_superuser=True)
    rule = Rule.objects.get()
    address = reverse("rules:edit", args=[rule.pk])
    form = client.get(address).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    client.post(address, data | {"topics": "Central bank"})
    rule.refresh_from_db()
    assert rule.topics == BANK
    assert "“Central bnk”" in client.post(address, data | {"topics": "Central bnk"}).text


def test_names_are_suggested_to_editors_only(client, paper):
    address = reverse("desk_topics")
    Topic.objects.create(title="Central station")
    found = client.get(address, {"q": "central"}).json()["names"]
    assert found[:2] == [
        {"name": "Central station", "note": ""}, {"name": "central bank", "note": "economy"},
    ]  # fmt: skip
    assert client.get(address).json() == {"names": []}
    assert Client().get(address, {"q": "central"}).status_code == 302


def test_a_topic_of_the_papers_own_keeps_its_address(client, article):
    topic = Topic.objects.create(title="Ada Lovelace")
    assert (topic.code, topic.slug) == (OWN + "ada-lovelace", "ada-lovelace")
    post(client, article, opened(client, url(article)) | {"topics": "ada lovelace"})
    topic.title = "Countess Lovelace"
    topic.save()
    assert opened(client, url(article))["topics"] == "Countess Lovelace"
    assert Topic.objects.get(pk=topic.pk).slug == "ada-lovelace"


def test_two_topics_never_share_a_name_or_an_address(client, paper):
    User.objects.update(is_superuser=True)
    add = reverse("topics:add")
    assert client.post(add, {"title": "Skerrin"}).status_code == 302
    for taken in ("skerrin ", "Central bank"):
        assert "There is a topic of this name already." in client.post(add, {"title": taken}).text
    assert Topic.objects.create(title="Skerrin!").slug == "skerrin-2"
    assert "{{" in client.post(add, {"title": "A {{ mark }}"}).text
    assert Topic.objects.count() == 2


def test_the_papers_own_reports_are_given_topics_too(client, paper):
    article = Article.objects.create(
        headline="Ours", body="<p>Text.</p>", section=Section.objects.first(), live=True
    )
    post(client, article, opened(client, url(article)) | {"topics": "weather\nweather\n\n"})
    assert carried(article) == [(WEATHER, True)]
    post(client, article, opened(client, url(article)) | {"topics": ""})
    assert carried(article) == []
    with pytest.raises(Refusal):
        desk.release(article, "topics", by=client.editor)


def test_bringing_rows_up_costs_the_same_for_many_topics(article, django_assert_num_queries):
    codes = [code for code, _ in carried(article)]
    article.topics = "\n".join(codes)
    desk.refresh(article)
    with django_assert_num_queries(2):
        tag(article)
