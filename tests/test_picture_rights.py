"""Whose picture stands on the page, for how long, what the paper says of it: cases 32 to 51."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.desk import actions as desk
from broadsheet.desk.actions import collecting
from broadsheet.desk.models import Article, Edit, Picture, WirePicture
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press import reads
from broadsheet.press.plan import Plan
from broadsheet.press_log.gathering import gathered
from broadsheet.press_log.models import Entry
from broadsheet.wire import actions as wire
from broadsheet.wire.transports.base import Arrival
from tests.cast import ada, ninjs, send
from tests.picture_cast import drop, files_of, own_picture, pictured, standings
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db

UNTOUCHED = "The Lantern staff have not edited it"
CHOSEN = "Only the picture of this report has been chosen by The Lantern staff"


def published(feed, tmp_path, *names, **facts):
    """A report of the wire with pictures, pressed."""
    drop(tmp_path / "quill", *names)
    sent = [{"href": n, "credit": f"Photo: {n[:-4]}", "caption": f"The {n[:-4]}"} for n in names]
    send(feed, pictured("urn:quill:1", *sent, **facts))
    press.catch_up()
    return Article.objects.get()


def choose(article, picture):
    """Staff choose a picture, as publishing does it."""
    by = ada()
    article.picture = picture
    article.save_revision(user=by).publish(user=by)
    press.catch_up()
    return Article.objects.get(pk=article.pk)


def named(picture):
    """Addresses whose pages name one of a picture's files, its caption or its credit."""
    marks = [*files_of(picture)[1:], picture.caption, picture.credit]
    return set().union(*(where(mark) for mark in marks if mark))


def page(article):
    return surfaces()[(article.path, "full")]


def test_case_32_staffs_picture_stays_and_the_wires_are_kept_beside_it(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg", "crane.jpg")
    article = choose(article, own_picture())
    drop(tmp_path / "quill", "tide.jpg")
    send(feed, pictured(
        "urn:quill:1", {"href": "tide.jpg", "caption": "The tide"}, version=2, headline="Newer",
    ))  # fmt: skip
    press.catch_up()
    article.refresh_from_db()
    assert article.shown_picture.title == "Quay"
    assert "Newer" in page(article)
    assert article.wire_picture.caption == "The tide"
    kept = WirePicture.objects.filter(item=article.item, picture__isnull=False)
    assert {row.picture.caption for row in kept} == {"The quay", "The crane", "The tide"}
    released = desk.release(article, "picture", by=ada())
    assert released.shown_picture.caption == "The tide"


def test_case_32_the_editor_shows_the_wires_pictures_beside_ours(feed, tmp_path):
    article = choose(published(feed, tmp_path, "quay.jpg", "crane.jpg"), own_picture())
    client = Client()
    client.force_login(ada())
    shown = client.get(f"/desk/snippets/desk/article/edit/{article.pk}/").content.decode()
    assert "The quay" in shown
    assert "The crane" in shown
    assert "Photo: crane" in shown


def test_case_50_at_the_minute_every_page_and_file_is_without_the_picture(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg", "crane.jpg")
    ends = clock.now() + timedelta(hours=1)
    own = own_picture(expires=ends)
    article = choose(article, own)
    assert CHOSEN in page(article)
    assert {"/", "/world/", article.path} <= named(own)
    assert standings(own, ends - timedelta(seconds=1)) == {"open"}
    assert standings(own, ends) == {"ended"}
    with clock.standing_at(ends):
        desk.end_rights()
        press.catch_up()
        article.refresh_from_db()
        assert named(own) == set()
        assert article.shown_picture.caption == "The quay"
        assert UNTOUCHED in page(article)
        assert f'og:image" content="http://localhost:8000/media/{_jpeg(article)}' in page(article)
        assert standings(article.shown_picture, ends) == {"open"}


def _jpeg(article):
    return next(n for n in files_of(article.shown_picture)[1:] if n.endswith(".jpg"))


def test_case_50_without_another_picture_the_page_stands_without_one(feed, tmp_path):
    send(feed, ninjs("urn:quill:1"))
    ends = clock.now() + timedelta(hours=1)
    own = own_picture(expires=ends)
    article = choose(Article.objects.get(), own)
    assert "<figure" in page(article)
    with clock.standing_at(ends):
        desk.end_rights()
        press.catch_up()
        text = page(article)
        assert "<figure" not in text
        assert "og:image" not in text
        assert '"image"' not in text
        assert UNTOUCHED in text


def test_case_50_what_is_pressed_before_the_desk_has_seen_the_end_is_true_already(feed, tmp_path):
    """The press looks at the clock itself: nobody has ended anything yet."""
    article = published(feed, tmp_path, "quay.jpg")
    ends = clock.now() + timedelta(hours=1)
    article = choose(article, own_picture(expires=ends))
    with clock.standing_at(ends):
        press.press_everything()
        text = page(article)
    assert "Quay at dawn" not in text
    assert "The quay" in text
    assert UNTOUCHED in text


def test_case_50_a_withdrawn_picture_is_gone_from_everywhere_at_once(
    feed, tmp_path, django_capture_on_commit_callbacks
):
    article = published(feed, tmp_path, "quay.jpg", "crane.jpg")
    quay = article.shown_picture
    assert {"/", "/world/", article.path} <= named(quay)
    with django_capture_on_commit_callbacks(execute=True):
        desk.withdraw_picture(quay, by=ada())
    # No catch_up: the request that withdraws it presses at once.
    assert named(quay) == set()
    assert standings(quay, clock.now()) == {"ended"}
    article.refresh_from_db()
    assert article.shown_picture.caption == "The crane"
    assert UNTOUCHED in page(article)
    with pytest.raises(Refusal, match="withdrawn already"):
        desk.withdraw_picture(quay, by=ada())


def test_a_withdrawn_picture_that_staff_chose_falls_away_by_an_edit(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    own = own_picture()
    article = choose(article, own)
    editor = ada()
    desk.withdraw_picture(own, by=editor)
    last = Edit.objects.filter(article=article, field="picture_id").last()
    assert (last.before, last.after, last.by) == (str(own.pk), None, editor)
    press.catch_up()
    assert UNTOUCHED in page(article)


def test_the_wire_sends_a_withdrawn_picture_again_and_it_stays_away(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    desk.withdraw_picture(article.shown_picture, by=ada())
    sent = {"href": "quay.jpg", "credit": "Photo: quay", "caption": "The quay"}
    send(feed, pictured("urn:quill:1", sent, version=2, headline="Newer"))
    send(feed, pictured("urn:quill:2", sent))
    press.catch_up()
    assert [a.shown_picture for a in Article.objects.all()] == [None, None]
    assert where("The quay") == set()


def test_no_draft_brings_a_picture_back_whose_rights_are_over(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    own = own_picture()
    by = ada()
    article.picture = own
    revision = article.save_revision(user=by)
    desk.withdraw_picture(own, by=by)
    revision.publish(user=by)
    press.catch_up()
    article.refresh_from_db()
    assert article.shown_picture.caption == "The quay"
    assert where("Quay at dawn") == set()
    assert UNTOUCHED in page(article)


@pytest.mark.parametrize("way", ["withdrawn", "held", "unpublished", "expired"])
def test_the_pictures_of_a_report_that_is_gone_are_gone_with_it(feed, tmp_path, way):
    article = published(feed, tmp_path, "quay.jpg")
    picture = article.shown_picture
    assert standings(picture, clock.now()) == {"open"}
    ends = clock.now() + timedelta(minutes=5)
    match way:
        case "withdrawn":
            desk.withdraw(article, "Not so.", by=ada())
        case "held":
            send(feed, pictured("urn:quill:1", version=2, status="withheld"))
        case "unpublished":
            article.unpublish()
        case _:
            article.expire_at = ends
            article.save_revision(user=ada()).publish()
    press.catch_up()
    assert standings(picture, ends) == {"ended"}


def test_case_48_a_picture_waits_for_the_embargo_of_its_report(feed, tmp_path):
    opens = clock.now() + timedelta(hours=1)
    article = published(feed, tmp_path, "quay.jpg")
    article.embargo_until = opens
    article.save_revision(user=ada()).publish()
    press.catch_up()
    picture = article.shown_picture
    assert standings(picture, opens - timedelta(seconds=1)) == {"unknown"}
    assert standings(picture, opens) == {"open"}


def test_a_picture_stays_as_long_as_another_report_shows_it(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    sent = {"href": "quay.jpg", "credit": "Photo: quay", "caption": "The quay"}
    send(feed, pictured("urn:quill:2", sent))
    press.catch_up()
    desk.withdraw(article, "Not so.", by=ada())
    press.catch_up()
    assert standings(article.shown_picture, clock.now()) == {"open"}


def test_rights_that_end_are_carried_out_once(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    ends = clock.now() + timedelta(hours=1)
    choose(article, own_picture(expires=ends))
    before = Entry.objects.count()
    with clock.standing_at(ends):
        assert desk.end_rights() == 1
        assert desk.end_rights() == 0
    assert Entry.objects.count() == before + 1


def test_the_end_of_rights_costs_the_same_with_many_pictures(feed, tmp_path):
    """Nothing is due: the worker asks twice a second."""
    published(feed, tmp_path, "quay.jpg")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert desk.end_rights() == 0
        return len(captured)

    few = asked()
    for number in range(8):
        own_picture(f"P{number}", expires=clock.now() + timedelta(days=1))
    assert asked() == few == 1


def test_what_may_be_shown_is_the_same_in_python_and_sql(paper):
    now = clock.now()
    for credit in ("", "Photo"):
        for expires in (None, now - timedelta(seconds=1), now, now + timedelta(seconds=1)):
            for withdrawn in (None, now):
                own_picture(credit=credit, expires=expires, withdrawn_at=withdrawn)
    in_sql = set(Picture.objects.permitted(now))
    assert in_sql == {p for p in Picture.objects.all() if p.permitted(now)}
    assert len(in_sql) == 2


def test_case_51_a_picture_without_a_credit_is_kept_and_not_shown(feed, tmp_path):
    drop(tmp_path / "quill", "quay.jpg")
    send(feed, pictured("urn:quill:1", {"href": "quay.jpg", "credit": "", "caption": "The quay"}))
    press.catch_up()
    article = Article.objects.get()
    assert article.shown_picture is None
    picture = WirePicture.objects.get().picture
    assert where("The quay") == set()
    picture.credit = "Photo: found"
    picture.save()
    press.catch_up()
    article.refresh_from_db()
    assert article.shown_picture == picture
    assert article.path in where("Photo: found")


def test_case_51_credit_and_caption_stay_with_their_picture(feed, tmp_path):
    drop(tmp_path / "quill", "one.jpg", "two.jpg")
    sent = [
        {"href": "one.jpg", "credit": "", "caption": "A crane"},
        {"href": "two.jpg", "credit": "Photo: Bob", "caption": "A tide"},
    ]
    item = pictured("urn:quill:1", *sent).replace(
        b'"type": "text"', b'"type": "text", "creditline": "Quill"'
    )
    send(feed, item)
    press.catch_up()
    article = Article.objects.get()
    shown = article.shown_picture
    assert (shown.credit, shown.caption) == ("Photo: Bob", "A tide")
    assert shown.source_url.endswith("two.jpg")
    other = Picture.objects.exclude(pk=shown.pk).get()
    assert (other.credit, other.caption) == ("", "A crane")
    assert where("A crane") == set()


def test_case_51_one_file_under_two_credits_is_two_pictures(feed, tmp_path):
    drop(tmp_path / "quill", "quay.jpg")
    for number, credit in enumerate(("Photo: Ann", "Photo: Bob")):
        send(feed, pictured(f"urn:{number}", {"href": "quay.jpg", "credit": credit}))
    press.catch_up()
    credits = {a.shown_picture.credit for a in Article.objects.all()}
    assert credits == {"Photo: Ann", "Photo: Bob"}


def test_case_50_the_agency_takes_back_a_picture_alone(feed, tmp_path):
    """AP's elimination: the report stands, the picture goes, also where staff chose it."""
    article = published(feed, tmp_path, "quay.jpg", "crane.jpg")
    quay = article.shown_picture
    send(feed, ninjs("urn:quill:2", headline="Another"))
    other = choose(Article.objects.get(item__key="urn:quill:2"), quay)
    assert other.path in named(quay)
    gone = {"href": "quay.jpg", "credit": "Photo: quay", "more": {"pubstatus": "canceled"}}
    kept = {"href": "crane.jpg", "credit": "Photo: crane", "caption": "The crane"}
    send(feed, pictured("urn:quill:1", gone, kept, version=2))
    desk.end_rights()
    press.catch_up()
    quay.refresh_from_db()
    assert quay.withdrawn_by == "Quill"
    assert named(quay) == set()
    assert standings(quay, clock.now()) == {"ended"}
    assert Article.objects.get(pk=article.pk).shown_picture.caption == "The crane"
    assert Article.objects.get(pk=other.pk).shown_picture is None
    assert UNTOUCHED in page(other)


def test_case_50_the_agency_takes_a_picture_back_with_a_version_that_is_not_shown(feed, tmp_path):
    """Held or under embargo itself, the version ends the picture where other reports show it."""
    published(feed, tmp_path, "quay.jpg", "crane.jpg")
    send(feed, ninjs("urn:quill:2", headline="Another"))
    send(feed, ninjs("urn:quill:3", headline="A third"))
    first = Article.objects.get(item__key="urn:quill:1")
    quay, crane = (Picture.objects.get(credit=f"Photo: {name}") for name in ("quay", "crane"))
    other = choose(Article.objects.get(item__key="urn:quill:2"), quay)
    third = choose(Article.objects.get(item__key="urn:quill:3"), crane)
    gone = {"href": "quay.jpg", "credit": "Photo: quay", "more": {"pubstatus": "canceled"}}
    send(feed, pictured("urn:quill:1", gone, version=2, status="withheld"))
    press.catch_up()
    assert named(quay) == set()
    assert standings(quay, clock.now()) == {"ended"}
    assert UNTOUCHED in page(other)
    gone = {"href": "crane.jpg", "credit": "Photo: crane", "more": {"pubstatus": "canceled"}}
    later = clock.now() + timedelta(hours=1)
    item = json.loads(pictured("urn:quill:1", gone, version=3)) | {"embargoed": later.isoformat()}
    send(feed, json.dumps(item).encode())
    press.catch_up()
    assert named(crane) == set()
    assert standings(crane, clock.now()) == {"ended"}
    assert UNTOUCHED in page(third)
    assert Article.objects.get(pk=first.pk).shown_picture is None


def test_case_48_when_the_embargo_lifts_the_report_has_the_pictures_of_its_own_version(
    feed, tmp_path
):
    """They are not fetched before; and what an older version sent does not stand in for them."""
    article = published(feed, tmp_path, "quay.jpg")
    drop(tmp_path / "quill", "tide.jpg")
    later = clock.now() + timedelta(hours=1)
    sent = pictured("urn:quill:1", {"href": "tide.jpg", "caption": "The tide"}, version=2)
    item = json.loads(sent) | {"embargoed": later.isoformat()}
    send(feed, json.dumps(item).encode())
    press.catch_up()
    assert not Picture.objects.filter(caption="The tide").exists()
    with clock.standing_at(later):
        desk.collect_pictures(within=5)
        press.announce_due()
        press.catch_up()
    tide = Article.objects.get(pk=article.pk).shown_picture
    assert tide.caption == "The tide"
    assert where("The quay") == set()
    assert standings(tide, later - timedelta(seconds=1)) == {"unknown"}
    assert standings(tide, later) == {"open"}


def test_case_48_a_newer_version_without_the_embargo_brings_its_picture_at_once(feed, tmp_path):
    article = published(feed, tmp_path, "quay.jpg")
    drop(tmp_path / "quill", "tide.jpg")
    later = clock.now() + timedelta(hours=1)
    for version in (2, 3):
        sent = pictured("urn:quill:1", {"href": "tide.jpg", "caption": "Tide"}, version=version)
        embargo = {"embargoed": later.isoformat()} if version == 2 else {}
        send(feed, json.dumps(json.loads(sent) | embargo).encode())
    assert Article.objects.get(pk=article.pk).shown_picture.caption == "Tide"


def test_case_50_a_picture_that_is_taken_back_while_it_is_fetched_is_never_shown(feed, tmp_path):
    send(feed, ninjs("urn:quill:1"))
    drop(tmp_path / "quill", "quay.jpg")
    article = Article.objects.get()
    sent = {"href": "quay.jpg", "credit": "Photo: quay", "caption": "The quay"}
    with gathered():
        document = Arrival(
            "item.json",
            pictured("urn:quill:1", sent, version=2),
            "application/json",
            None,
            clock.now(),
        )
        wire.take_arrival(feed, document)
        desk.catch_up()
    (claimed,) = collecting._claimed({})
    data = collecting._bytes(claimed)
    send(feed, pictured("urn:quill:1", sent | {"more": {"pubstatus": "canceled"}}, version=3))
    collecting._keep(claimed, data)
    press.catch_up()
    assert Article.objects.get(pk=article.pk).shown_picture is None
    assert where("The quay") == set()
    assert not Picture.objects.permitted(clock.now()).exists()


def test_case_50_rights_that_the_wire_states_end_by_themselves(feed, tmp_path):
    ends = clock.now().replace(microsecond=0) + timedelta(hours=2)
    drop(tmp_path / "quill", "quay.jpg")
    sent = {"href": "quay.jpg", "caption": "The quay", "more": {"expires": ends.isoformat()}}
    send(feed, pictured("urn:quill:1", sent))
    press.catch_up()
    picture = Article.objects.get().shown_picture
    assert picture.expires == ends
    assert standings(picture, ends - timedelta(seconds=1)) == {"open"}
    assert standings(picture, ends) == {"ended"}


def test_a_picture_of_many_reports_leaves_all_of_them(feed, tmp_path, monkeypatch):
    """More reports than one store transaction takes; their files end before the first page."""
    monkeypatch.setattr("broadsheet.press.actions.pressing.MOST", 2)
    drop(tmp_path / "quill", "quay.jpg")
    sent = {"href": "quay.jpg", "credit": "Photo: quay", "caption": "The quay"}
    for number in range(5):
        send(feed, pictured(f"urn:{number}", sent, headline=f"Report {number}"))
    press.catch_up()
    picture = Article.objects.first().shown_picture
    assert {a.path for a in Article.objects.all()} <= where("The quay")
    desk.withdraw_picture(picture, by=ada())
    press.catch_up()
    assert named(picture) == set()
    assert reads.lag() == 0


def test_a_plan_of_many_articles_is_parted_and_loses_nothing():
    plan = Plan(articles=set(range(7)), sections={"world"}, home=True, readers={3})
    first, *more = plan.parts(3)
    assert first == Plan(articles={0, 1, 2}, sections={"world"}, home=True, readers={3})
    assert [part.articles for part in more] == [{3, 4, 5}, {6}]
    assert not any(part.home or part.sections or part.readers for part in more)
    assert Plan(home=True).parts(3) == [Plan(home=True)]
