"""What becomes of a wire version by itself: rules in order, reasons to wait, pictures."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from broadsheet.desk import actions as desk
from broadsheet.desk.actions.intake import BATCH
from broadsheet.desk.models import Article, Intake, Notice, Rule, Section
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Item
from broadsheet.wire.transports.base import Arrival
from tests.cast import ada, body, ninjs, send

pytestmark = pytest.mark.django_db


def jpeg(colour="navy"):
    data = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(data, "JPEG")
    return data.getvalue()


def held():
    intake = Intake.objects.get()
    assert intake.outcome == "held"
    assert not Article.objects.exists()
    return " ".join(intake.reasons)


@pytest.mark.parametrize(
    "facts",
    [
        {"headline": "Read {{free_limit}} articles"},
        {"standfirst": "You have {{ free_limit }} left"},
        {"body": body() + "<p>{% if x %}</p>"},
        {"body": body() + '<p><a href="https://q.example/{{id}}">More</a></p>'},
        {"dateline": "{{city}}"},
        {"by": "By {{author}}"},
    ],
)
def test_template_marks_anywhere_wait_for_the_desk(feed, facts):
    item = json.loads(ninjs(**{k: v for k, v in facts.items() if k not in ("dateline", "by")}))
    item |= {k: v for k, v in facts.items() if k in ("dateline", "by")}
    send(feed, json.dumps(item).encode())
    assert "template marks" in held()


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"headline": ""}, "no headline"),
        ({"body": ""}, "no"),
        ({"headline": "TEST - PLEASE IGNORE"}, "no news report (test)"),
        ({"headline": "Eds: daybook for Friday"}, "no news report (advisory)"),
        ({"body": "<p>Half a sen\ufffdtence and more.</p>" + body()}, "damaged"),
        ({"status": "withheld"}, "does not release"),
        ({"status": "canceled"}, "withdrew"),
    ],
)
def test_what_must_not_publish_itself_waits_with_its_reason(feed, facts, reason):
    send(feed, ninjs(**facts))
    assert reason in held()


def test_an_old_report_waits_and_a_feed_without_limit_lets_it_through(feed):
    Rule.objects.update(max_age_hours=48)
    old = datetime.now(UTC) - timedelta(days=3)
    send(feed, ninjs("urn:a", at=old))
    assert "older" in held()
    Rule.objects.update(max_age_hours=None)
    send(feed, ninjs("urn:b", at=old))
    assert Article.objects.count() == 1


def test_a_later_version_that_is_fit_publishes_itself(feed):
    send(feed, ninjs(version=1, headline="{{headline}}"))
    send(feed, ninjs(version=2, headline="Fog"))
    assert Article.objects.get().full_headline == "Fog"
    assert Intake.objects.get().outcome == "published"


def test_an_unfit_version_does_not_overwrite_a_published_report(feed):
    send(feed, ninjs(version=1, headline="Fog"))
    send(feed, ninjs(version=2, headline="{{headline}}"))
    article = Article.objects.get()
    assert article.full_headline == "Fog"
    assert article.waiting.number == 2
    with pytest.raises(Refusal, match="template marks"):
        desk.take_waiting(article, by=ada())


def test_keeping_our_text_keeps_the_wires_text_that_is_on_the_page(feed):
    send(feed, ninjs(version=1, headline="Fog"))
    send(feed, ninjs(version=2, headline="{{headline}}"))
    article = desk.keep_own_body(Article.objects.get(), by=ada())
    assert article.full_headline == "Fog"
    assert article.waiting is None


def test_rules_run_in_order_and_the_first_that_fits_and_stops_decides(feed):
    markets = Section.objects.get(slug="markets")
    Rule.objects.create(order=1, name="tests", headline="drill", action="discard")
    Rule.objects.create(order=2, name="grain", headline="grain", action="publish",
                        section=markets, access="premium", max_age_hours=None)  # fmt: skip
    send(feed, ninjs("urn:a", headline="A drill at sea"))
    send(feed, ninjs("urn:b", headline="GRAIN ships queue"))
    send(feed, ninjs("urn:c", headline="Fog"))
    assert Intake.objects.get(item__key="urn:a").outcome == "discarded"
    found = Article.objects.order_by("pk").values_list("section__slug", "access")
    assert list(found) == [("markets", "premium"), ("world", "metered")]


def test_a_rule_that_does_not_stop_never_publishes_twice(feed):
    Rule.objects.update(stop=False)
    Rule.objects.create(name="again", action="publish", max_age_hours=None)
    Rule.objects.create(name="hold", action="hold")
    send(feed, ninjs())
    assert Article.objects.count() == 1
    assert Intake.objects.get().outcome == "published"


def test_without_a_rule_a_report_waits(feed):
    Rule.objects.all().delete()
    send(feed, ninjs())
    assert "No rule" in held()


def test_an_item_that_the_wire_withholds_is_not_seen_even_when_staff_publish_it(feed):
    send(feed, ninjs(status="withheld"))
    editor = ada()
    article = desk.make_article(Item.objects.get(), by=editor)
    article.save_revision(user=editor).publish(user=editor)
    assert not Article.objects.visible(datetime.now(UTC)).exists()
    send(feed, ninjs(version=2))
    assert Article.objects.visible(datetime.now(UTC)).exists()


def test_an_item_that_the_wire_withdrew_becomes_no_article(feed):
    send(feed, ninjs(status="canceled"))
    with pytest.raises(Refusal, match="withdrawn"):
        desk.make_article(Item.objects.get(), by=ada())


def test_making_an_article_twice_gives_the_same_one(feed):
    Rule.objects.update(action="hold")
    send(feed, ninjs())
    editor = ada()
    first = desk.make_article(Item.objects.get(), by=editor)
    assert desk.make_article(Item.objects.get(), by=editor) == first


def test_embargo_and_expiry_of_the_wire_are_followed(feed):
    send(feed, ninjs())
    item = json.loads(ninjs()) | {"expires": "2020-01-01T00:00:00Z"}
    send(feed, json.dumps(item).encode())
    assert not Article.objects.visible(datetime.now(UTC)).exists()


@pytest.mark.parametrize("signal", ["CORRECTED: ", "CLARIFICATION: "])
def test_a_correction_tells_readers_the_agencys_note(feed, signal):
    send(feed, ninjs(version=1))
    send(feed, ninjs(version=2, headline=f"{signal}Fog", note="Corrects the hour to six."))
    assert Notice.objects.get().text == "Corrects the hour to six."


@pytest.mark.parametrize("status", ["usable", "withheld", "canceled"])
def test_a_note_of_the_wire_shows_readers_no_template_marks_and_no_asides(feed, status):
    send(feed, ninjs(version=1))
    secret = "<p>The following information is not for publication: ring 5550100.</p>"
    send(
        feed,
        ninjs(version=2, status=status, headline="CORRECTED: Fog", note="Corrects {{field}}.",
              body=body("second") + secret),
    )  # fmt: skip
    text = Notice.objects.get().text
    assert "{{" not in text
    assert "5550100" not in text
    assert text


def pictured(key, name, credit="Photo: Quill", **facts):
    item = json.loads(ninjs(key, **facts))
    item["associations"] = [
        {"type": "picture", "creditline": credit, "renditions": [{"href": name}]}
    ]
    return json.dumps(item).encode()


def test_a_picture_comes_with_its_credit_and_is_kept_once(feed, tmp_path):
    (tmp_path / "quill" / "quay.jpg").write_bytes(jpeg())
    send(feed, pictured("urn:a", "quay.jpg"))
    send(feed, pictured("urn:b", "quay.jpg"))
    first, second = Article.objects.order_by("pk")
    assert first.shown_picture.credit == "Photo: Quill"
    assert first.shown_picture == second.shown_picture


def test_a_picture_without_a_credit_is_left_out(feed, tmp_path):
    (tmp_path / "quill" / "quay.jpg").write_bytes(jpeg())
    send(feed, pictured("urn:a", "quay.jpg", credit=""))
    assert Article.objects.get().shown_picture is None


def test_what_is_no_picture_costs_only_the_picture(feed, tmp_path):
    (tmp_path / "quill" / "quay.jpg").write_bytes(b"<html>")
    send(feed, pictured("urn:a", "quay.jpg"))
    send(feed, pictured("urn:b", "../../secret.jpg"))
    assert [a.shown_picture for a in Article.objects.all()] == [None, None]


def test_two_folders_with_a_file_of_one_name_have_two_pictures(feed, tmp_path):
    from tests.cast import wire

    other = tmp_path / "reed"
    other.mkdir()
    reed = wire.add_feed("reed", str(other), agency="Reed")
    Rule.objects.update(feed=None)
    for folder, colour in ((tmp_path / "quill", "navy"), (other, "white")):
        (folder / "1.jpg").write_bytes(jpeg(colour))
    send(feed, pictured("urn:a", "1.jpg", credit="Photo"))
    text = "<p>Six pilots of the outer bank ask for a second boat before winter.</p>"
    send(reed, pictured("urn:b", "1.jpg", credit="Photo", body=text))
    first, second = Article.objects.order_by("pk")
    assert first.shown_picture != second.shown_picture


def test_the_picture_of_a_version_that_waited_comes_with_it(feed, tmp_path):
    for name in ("one.jpg", "two.jpg"):
        (tmp_path / "quill" / name).write_bytes(jpeg())
    send(feed, pictured("urn:a", "one.jpg", version=1))
    Article.objects.update(body="<p>Ours.</p>")
    send(feed, pictured("urn:a", "two.jpg", version=2, headline="Newer"))
    article = desk.take_waiting(Article.objects.get(), by=ada())
    assert article.shown_picture.source_url.endswith("two.jpg")


def test_rules_and_sections_are_read_once_for_many_versions_and_never_long_after(feed):
    at = clock.now()
    for number in range(BATCH + 5):
        document = Arrival(f"{number}.json", ninjs(f"urn:{number}"), "application/json", None, at)
        wire.take_arrival(feed, document)
    with CaptureQueriesContext(connection) as captured:
        assert desk.catch_up() == BATCH + 5
    for table in ("desk_rule", "desk_section"):
        asked = [q for q in captured.captured_queries if f'FROM "{table}"' in q["sql"]]
        assert len(asked) == 2, table
    assert Article.objects.count() == BATCH + 5


def test_a_rule_that_is_changed_holds_from_the_next_batch_on(feed):
    send(feed, ninjs("urn:1"))
    Rule.objects.update(action="hold")
    send(feed, ninjs("urn:2"))
    assert [a.item.key for a in Article.objects.all()] == ["urn:1"]
