"""An editor of one section does nothing in another: each action, by its address."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Edit, Intake, Notice, Rule, Section, SectionRight
from broadsheet.desk.reads.rights import ACTIONS, may, sections
from broadsheet.desk.tests.test_article_form import opened, url
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(paper):
    """Ada, limited to Markets; the wire's reports stand in World."""
    user = ada()
    group = user.groups.get()
    markets = Section.objects.get(slug="markets")
    SectionRight.objects.create(group=group, section=markets, withdraw=True)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def client(editor):
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(editor, "allauth.account.auth_backends.AuthenticationBackend")
    return made


@pytest.fixture
def article(feed):
    """A report of World, its body ours, a version waiting, with a draft and a note."""
    send(feed, ninjs(headline="Harbour opens early", body=body("first")))
    made = Article.objects.get()
    made.headline, made.body = "Ours", "<p>Our own words of it.</p>"
    made.body_from = made.basis
    publisher = User.objects.create_superuser("pia@lantern.example", "x")
    made.save_revision(user=publisher).publish(user=publisher)
    send(feed, ninjs(version=2, headline="Later", body=body("second")))
    desk.correct(made, "It was six.", by=publisher)
    return Article.objects.get()


def posts(article):
    note, edit = Notice.objects.get(), Edit.objects.filter(field="headline").get()
    revision = article.latest_revision_id
    return {
        "desk_release": ([article.pk, "headline"], {}),
        "desk_keep_headline": ([article.pk], {}),
        "desk_compare": ([article.pk], {"choice": "theirs"}),
        "desk_correct": ([article.pk], {"kind": "correction", "text": "Mine."}),
        "desk_hold": ([article.pk], {"text": "Mine."}),
        "desk_release_hold": ([article.pk], {}),
        "desk_withdraw": ([article.pk], {"reason": "Mine."}),
        "desk_bring_back": ([edit.pk], {}),
        "desk_amend": ([note.pk], {"text": "Mine."}),
        "desk_take_back": ([note.pk], {}),
        "desk_seen": ([note.pk], {}),
        "wagtailsnippets_desk_article:edit": ([article.pk], {"headline": "Mine"}),
        "wagtailsnippets_desk_article:unpublish": ([article.pk], {}),
        "wagtailsnippets_desk_article:delete": ([article.pk], {}),
        "wagtailsnippets_desk_article:lock": ([article.pk], {}),
        "wagtailsnippets_desk_article:unlock": ([article.pk], {}),
        "wagtailsnippets_desk_article:revisions_revert": ([article.pk, revision], {}),
        "wagtailsnippets_desk_article:revisions_unschedule": ([article.pk, revision], {}),
        "wagtailsnippets_desk_article:preview_on_edit": ([article.pk], {"headline": "Mine"}),
    }


NAMES = (
    *("desk_" + name for name in (
        "release", "keep_headline", "compare", "correct", "hold", "release_hold", "withdraw",
        "bring_back", "amend", "take_back", "seen",
    )),
    *("wagtailsnippets_desk_article:" + name for name in (
        "edit", "unpublish", "delete", "lock", "unlock", "revisions_revert",
        "revisions_unschedule", "preview_on_edit",
    )),
)  # fmt: skip


def state(article):
    rows = [
        list(model.objects.filter(**{key: article.pk}).values())
        for model, key in ((Article, "pk"), (Edit, "article"), (Notice, "article"))
    ]
    return rows, article.revisions.count()


@pytest.mark.parametrize("name", NAMES)
def test_no_address_lets_an_editor_act_in_another_section(client, article, name):
    arguments, posted = posts(article)[name]
    before = state(article)
    answer = client.post(reverse(name, args=arguments), posted | {"action-publish": "1"})
    assert answer.status_code in (302, 403)
    assert not answer.headers.get("Location", "").startswith("/desk/snippets/desk/article/edit")
    assert state(article) == before


def test_the_form_of_another_section_is_not_even_shown(client, article):
    for view in ("edit", "unpublish"):
        answer = client.get(url(article, view))
        assert answer.status_code in (302, 403)
    assert client.get(reverse("desk_log", args=[article.pk])).status_code == 200


def test_every_view_of_wagtail_that_names_an_article_is_asked_by_section(client, article):
    from broadsheet.desk.newsroom.articles import ArticleViewSet
    from broadsheet.desk.newsroom.rights import READING

    for pattern in ArticleViewSet().get_urlpatterns():
        if "pk" not in str(pattern.pattern) or pattern.name in READING:
            continue
        named = {"pk": article.pk} | (
            {"revision_id": article.latest_revision_id} if "revision_id>" in str(pattern.pattern)
            else {}
        ) | ({"revision_id_a": "live", "revision_id_b": "latest"}
             if "revision_id_a" in str(pattern.pattern) else {})  # fmt: skip
        address = reverse(f"wagtailsnippets_desk_article:{pattern.name}", kwargs=named)
        answer = client.get(address)
        assert answer.status_code in (302, 403), pattern.name
        assert b"Our own words" not in answer.content


def test_in_the_own_section_all_of_it_works(client, article):
    Article.objects.update(section=Section.objects.get(slug="markets"))
    client.post(reverse("desk_hold", args=[article.pk]), {"text": "We look."})
    article.refresh_from_db()
    assert article.held
    client.post(reverse("desk_release_hold", args=[article.pk]))
    client.post(url(article), opened(client, url(article)) | {
        "headline": "Mine", "action-publish": "1",
    })  # fmt: skip
    client.post(reverse("desk_withdraw", args=[article.pk]), {"reason": "Wrong island."})
    article.refresh_from_db()
    assert (article.held, article.headline) == (False, "Mine")
    assert article.withdrawn_at is not None


def test_no_report_is_moved_into_a_section_where_one_may_not_act(client, article):
    Article.objects.update(section=Section.objects.get(slug="markets"))
    world = Section.objects.get(slug="world")
    data = opened(client, url(article)) | {"section": world.pk, "action-publish": "1"}
    client.post(url(article), data)
    article.refresh_from_db()
    assert article.section.slug == "markets"
    add = reverse("wagtailsnippets_desk_article:add")
    client.post(add, opened(client, add) | {"headline": "New", "section": world.pk})
    assert not Article.objects.filter(headline="New").exists()


def test_without_the_right_to_publish_there_a_draft_is_all(client, editor, article):
    Article.objects.update(section=Section.objects.get(slug="markets"))
    SectionRight.objects.update(publish=False)
    form = client.get(url(article)).content.decode()
    assert 'name="action-publish"' not in form
    client.post(url(article), opened(client, url(article)) | {
        "headline": "Mine", "action-publish": "1",
    })  # fmt: skip
    article.refresh_from_db()
    assert article.headline == "Ours"


def test_items_are_taken_by_the_section_the_rules_gave_them(client, feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs("urn:x", headline="Held words"))
    item = feed.source.items.get()
    for name in ("make_article", "publish_item", "discard"):
        assert client.post(reverse(f"desk_{name}", args=[item.pk])).status_code in (302, 403)
    assert not Article.objects.exists()
    assert Intake.objects.get().outcome == Intake.Outcome.HELD
    Intake.objects.update(section=Section.objects.get(slug="markets"))
    client.post(reverse("desk_discard", args=[item.pk]))
    assert Intake.objects.get().outcome == Intake.Outcome.DISCARDED


def test_a_bulk_deletion_reaches_no_draft_of_another_section(client, editor, article):
    draft = Article.objects.create(section=Section.objects.get(slug="world"), live=False)
    editor.groups.get().permissions.add(Permission.objects.get(codename="delete_article"))
    address = reverse("wagtail_bulk_action", args=["desk", "article", "delete"])
    client.post(f"{address}?id={draft.pk}")
    assert Article.objects.filter(pk=draft.pk).exists()


def test_a_group_without_lines_acts_everywhere_and_groups_add_up(editor):
    markets, world = (Section.objects.get(slug=slug).pk for slug in ("markets", "world"))
    assert sections(editor, "publish") == {markets}
    other = Group.objects.create(name="World desk")
    other.permissions.add(Permission.objects.get(codename="publish_article"))
    SectionRight.objects.create(group=other, section_id=world)
    editor.groups.add(other)
    again = User.objects.get(pk=editor.pk)
    assert sections(again, "publish") == {markets, world}
    assert sections(again, "hold") == {markets}
    SectionRight.objects.filter(group=other).delete()
    assert sections(User.objects.get(pk=editor.pk), "publish") is None


def test_a_line_grants_nothing_that_the_group_may_not(paper):
    user = ada()
    group = user.groups.get()
    group.permissions.remove(Permission.objects.get(codename="withdraw_article"))
    SectionRight.objects.create(
        group=group, section=Section.objects.get(slug="world"), withdraw=True
    )
    assert sections(User.objects.get(pk=user.pk), "withdraw") == frozenset()


@pytest.mark.parametrize("action", ACTIONS)
def test_the_publisher_may_everything_and_a_reader_nothing(paper, action):
    publisher = User.objects.create_superuser("pia@lantern.example", "x")
    reader = User.objects.create_user("ben@lantern.example", "x")
    world = Section.objects.get(slug="world").pk
    assert may(publisher, action, world)
    assert not may(reader, action, world)
    assert not may(reader, action, None)
