"""Ours, the wire's, and what both were made from: nothing of ours is lost."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import User
from broadsheet.desk.differences import marks, merged, moved, threeway
from broadsheet.desk.models import Article
from broadsheet.press import actions as press
from tests.cast import ada, body, ninjs, send
from tests.surfaces import where

WORDS = ["quay", "boat", "tide", "crew", "dawn", "ferry", "lamp", "<b>bell</b>"]
TEXT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
BODY = st.lists(TEXT.map(lambda text: f"<p>{text}</p>"), max_size=7)


@st.composite
def edited(draw, base):
    """A body made from another: blocks kept, changed, dropped, put in."""
    found = []
    for block in base:
        act = draw(st.sampled_from(["keep", "keep", "change", "drop", "insert"]))
        if act == "insert":
            found.append(draw(TEXT.map(lambda text: f"<p>{text}</p>")))
        if act == "change":
            block = block.replace("</p>", f" {draw(st.sampled_from(WORDS))}</p>")
        if act != "drop":
            found.append(block)
    return found


@st.composite
def three(draw):
    base = draw(BODY)
    return base, draw(edited(base)), draw(edited(base))


def put(blocks):
    return "".join(blocks)


@given(three())
def test_what_staff_did_not_touch_is_the_wires(texts):
    base, _, wire = texts
    parts = threeway(put(base), put(base), put(wire))
    assert merged(parts, {}) == put(wire)
    assert all(part.kind in ("same", "wire") for part in parts)


@given(three())
def test_where_the_wire_stood_still_the_text_is_ours(texts):
    base, ours, _ = texts
    assert merged(threeway(put(base), put(ours), put(base)), {}) == put(ours)


@given(three())
def test_every_paragraph_that_staff_wrote_stays(texts):
    base, ours, wire = texts
    result = merged(threeway(put(base), put(ours), put(wire)), {})
    for block in ours:
        if block not in base:
            assert result.count(block) >= ours.count(block)


@given(three())
def test_the_three_texts_can_be_read_back_from_the_parts(texts):
    parts = threeway(*(put(one) for one in texts))
    for name, blocks in zip(("base", "ours", "wire"), texts, strict=True):
        assert [block for part in parts for block in getattr(part, name)] == blocks


@given(three())
def test_choosing_one_side_everywhere_gives_that_side(texts):
    parts = threeway(*(put(one) for one in texts))
    every = range(len(parts))
    assert merged(parts, dict.fromkeys(every, "ours")) == put(texts[1])
    assert merged(parts, dict.fromkeys(every, "wire")) == put(texts[2])


@given(three())
def test_who_is_ours_and_who_the_wires_makes_no_difference_to_what_is_a_conflict(texts):
    base, ours, wire = texts
    there = [part.kind for part in threeway(put(base), put(ours), put(wire))]
    other = {"ours": "wire", "wire": "ours"}
    back = [part.kind for part in threeway(put(base), put(wire), put(ours))]
    assert [other.get(kind, kind) for kind in there] == back


def test_neighbouring_paragraphs_changed_by_either_side_do_not_collide():
    base = "<p>The ferry left at five with forty aboard.</p><p>The sea was calm all day.</p>"
    ours = base.replace("five", "six")
    wire = base.replace("calm", "rough")
    parts = threeway(base, ours, wire)
    assert [part.kind for part in parts] == ["ours", "wire"]
    assert merged(parts, {}) == base.replace("five", "six").replace("calm", "rough")


def test_the_same_paragraph_changed_by_both_is_a_conflict_to_choose():
    base = "<p>The ferry left at five with forty aboard.</p>"
    ours, wire = base.replace("five", "six"), base.replace("forty", "fifty")
    parts = threeway(base, ours, wire)
    assert [part.kind for part in parts] == ["conflict"]
    assert merged(parts, {}) == ours
    assert merged(parts, {0: "wire"}) == wire
    assert merged(parts, {0: "both"}) == ours + wire


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        ("Minister wins vote", "Minister wins vote", False),
        ("Minister wins vote", "Minister wins the vote", False),
        ("Minister wins vote", "MINISTER WINS VOTE:", False),
        ("Minister wins vote", "Minister did not win the vote", True),
        ("Port to close, says mayor", "Port to close, denies mayor", True),
        ("Ferry sails at five", "Government falls over ferry", True),
        ("Bank doesn't raise rates", "Bank raises rates", True),
        ("", "Something", True),
    ],
)
def test_a_headline_has_moved_when_it_says_something_else(then, now, expected):
    assert moved(then, now) is expected


@given(TEXT)
def test_a_headline_that_stays_has_not_moved(text):
    assert not moved(text, text)
    assert all(run.kind == "same" for run in marks(text, text))


@pytest.fixture
def editor(paper):
    return ada()


@pytest.fixture
def client(editor):
    made = Client(headers={"x-forwarded-for": "127.0.0.1"})
    made.force_login(editor, "allauth.account.auth_backends.AuthenticationBackend")
    return made


@pytest.fixture
def article(editor, feed):
    """Paragraph 2 is ours; the wire has since changed paragraphs 2 and 5 and waits."""
    send(feed, ninjs(body=body("plain")))
    found = Article.objects.get()
    found.body = found.full_body.replace("paragraph 2", "paragraph two of ours")
    found.body_from = found.basis
    found.save_revision(user=editor, clean=False).publish(user=editor)
    text = body("plain").replace("paragraph 2", "row 2").replace("paragraph 5", "row 5")
    send(feed, ninjs(version=2, body=text))
    return Article.objects.get()


def compared(client, article):
    answer = client.get(reverse("desk_compare", args=[article.pk]))
    return answer, {"choice": "merged", "compared": answer.context["compared"]}


@pytest.mark.django_db
def test_what_the_wire_changed_beside_us_is_taken_with_one_click(client, article):
    answer, posted = compared(client, article)
    kinds = [part.kind for part in answer.context["parts"]]
    assert (kinds[2], kinds[5], kinds.count("same")) == ("conflict", "wire", 6)
    client.post(reverse("desk_compare", args=[article.pk]), posted)
    article.refresh_from_db()
    assert "paragraph two of ours" in article.full_body
    assert "row 5" in article.full_body
    assert "row 2" not in article.full_body
    assert (article.waiting, article.basis.number, article.body_from.number) == (None, 2, 2)
    assert article.owned == {"body"}
    last = article.edits.last()
    assert (last.field, str(last.by)) == ("body", "Ada")
    assert "version 2" in last.reason
    press.catch_up()
    assert article.path in where("row 5")


@pytest.mark.django_db
def test_a_conflict_is_chosen_by_paragraph(client, article):
    _, posted = compared(client, article)
    client.post(
        reverse("desk_compare", args=[article.pk]), posted | {"part-2": "both", "part-5": "ours"}
    )
    article.refresh_from_db()
    for text in ("paragraph two of ours", "row 2", "paragraph 5"):
        assert text in article.full_body
    assert "row 5" not in article.full_body


@pytest.mark.django_db
def test_choosing_the_wire_everywhere_follows_it_again(client, article):
    _, posted = compared(client, article)
    client.post(reverse("desk_compare", args=[article.pk]), posted | {"part-2": "wire"})
    article.refresh_from_db()
    assert article.owned == frozenset()
    assert "row 2" in article.full_body


@pytest.mark.django_db
def test_texts_that_changed_while_one_looked_are_not_put_together(client, article, feed, editor):
    _, posted = compared(client, article)
    send(feed, ninjs(version=3, body=body("third")))
    answer = client.post(reverse("desk_compare", args=[article.pk]), posted, follow=True)
    assert "have changed while you were looking" in answer.content.decode()
    article.refresh_from_db()
    assert (article.waiting.number, article.basis.number) == (3, 1)
    tampered = posted | {"compared": posted["compared"][:-2]}
    assert client.post(reverse("desk_compare", args=[article.pk]), tampered).status_code == 400


@pytest.mark.django_db
def test_a_locked_article_is_not_put_together_by_another(client, article):
    _, posted = compared(client, article)
    ben = User.objects.create_superuser("ben@lantern.example", "x", first_name="Ben")
    Article.objects.update(locked=True, locked_by=ben)
    answer = client.post(reverse("desk_compare", args=[article.pk]), posted, follow=True)
    assert "Ben has locked this article" in answer.content.decode()
    article.refresh_from_db()
    assert article.waiting is not None
