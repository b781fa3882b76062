"""Premium reports by day: picked, put back, shown on their day, gone when they are gone."""

from datetime import date

import pytest
import time_machine
from django.test import Client

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Paper, Section
from broadsheet.desk.reads.premium import premium_day
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press.frame import make_frame
from broadsheet.press.wall import wall_fragments
from broadsheet.subscriptions.actions import make_entitlements, set_terms
from broadsheet.subscriptions.models import Plan, PlanVersion
from broadsheet.subscriptions.reads.offers import offers
from tests.cast import ada, ninjs, send
from tests.surfaces import status, surfaces

pytestmark = pytest.mark.django_db
MORNING = "2026-11-20T07:00:00Z"
EVENING = "2026-11-20T19:00:00Z"
"""Half past midnight of the 21st in Kolkata."""


@pytest.fixture
def reports(feed):
    with time_machine.travel(MORNING, tick=False):
        for number in range(3):
            send(feed, ninjs(f"urn:{number}", headline=f"Report{number}"))
        press.catch_up()
    return list(Article.objects.order_by("pk"))


def shown(path):
    return surfaces().get((path, "plain"), "")


def test_a_pick_counts_for_the_day_of_the_papers_zone_on_which_it_was_made(reports, home):
    with time_machine.travel(MORNING, tick=False):
        desk.pick(reports[0], by=ada())
    with time_machine.travel(EVENING, tick=False):
        desk.pick(reports[1], by=ada())
        press.catch_up()
        assert "Report0" in shown("/premium/2026-11-20/")
        assert "Report1" not in shown("/premium/2026-11-20/")
        assert "Report1" in shown("/premium/2026-11-21/")
        assert 'rel="prev" href="/premium/2026-11-20/"' in shown("/premium/2026-11-21/")
        assert all(f"Report{n}" in shown("/premium/") for n in range(2))
        assert "Report2" not in shown("/premium/")


def promise(number):
    paper = Paper.objects.get()
    paper.premium_promise = number
    paper.save()


def test_readers_are_told_the_promise_beside_what_there_is_of_it_today(reports, home):
    with time_machine.travel(MORNING, tick=False):
        press.catch_up()
        assert "promise" not in shown("/premium/")
        promise(2)
        desk.pick(reports[0], by=ada())
        press.catch_up()
        told = "We promise 2 premium reports every day, picked by our editors. So far today: "
        assert told + "1." in shown("/premium/")
        assert "promise" not in shown("/premium/2026-11-20/")
        for report in reports[1:]:
            desk.pick(report, by=ada())
        press.catch_up()
        assert told + "3." in shown("/premium/")
    with time_machine.travel(EVENING, tick=False):
        press.announce_due()
        press.press_everything()
        assert told + "0." in shown("/premium/")
        promise(0)
        press.catch_up()
        assert "promise" not in shown("/premium/")


def test_the_promise_stands_with_the_plans_that_open_premium_reports(paper):
    make_entitlements()
    terms = {"price": 90000, "currency": "INR", "unit": "month", "count": 1}
    for slug, opens in (("all", ["unlimited", "premium"]), ("some", ["unlimited"])):
        plan = Plan.objects.create(slug=slug, name=slug, on_sale=True)
        set_terms(plan, PlanVersion(entitlements=opens, **terms))
    promise(30)
    said = "We promise 30 premium reports every day, picked by our editors."
    every, some = offers("en-gb")
    assert [said in benefit.text for benefit in every.benefits] == [False, True]
    assert not any("promise" in benefit.text for benefit in some.benefits)
    frame = make_frame()
    walls = dict(wall_fragments(frame))
    assert said in walls["premium"]
    assert said not in walls["limit_anonymous"]
    Plan.objects.filter(slug="some").update(on_sale=False)
    assert said in Client().get("/subscribe/").content.decode()
    promise(0)
    assert "promise" not in Client().get("/subscribe/").content.decode()


def test_a_picked_report_is_for_nobody_without_the_right(reports, home):
    with time_machine.travel(MORNING, tick=False):
        desk.pick(reports[0], by=ada())
        press.catch_up()
    assert Article.objects.get(pk=reports[0].pk).access_class == "premium"
    assert (reports[0].path, "teaser") in surfaces()


def test_what_is_put_back_has_its_old_access_and_leaves_the_day(reports, home):
    with time_machine.travel(MORNING, tick=False):
        editor = ada()
        desk.pick(reports[0], by=editor)
        press.catch_up()
        desk.put_back(reports[0], by=editor)
        press.catch_up()
        row = Article.objects.get(pk=reports[0].pk)
        assert (row.access, row.picked_at) == ("metered", None)
        assert "Report0" not in shown("/premium/") + shown("/premium/2026-11-20/")
        assert [edit.after for edit in row.edits.filter(field="access")] == ["premium", "metered"]


def test_a_withdrawn_pick_is_gone_from_its_day_at_once(reports, home):
    with time_machine.travel(MORNING, tick=False):
        editor = ada()
        desk.pick(reports[0], by=editor)
        press.catch_up()
        desk.withdraw(reports[0], "False.", by=editor)
        press.catch_up()
        assert "Report0" not in shown("/premium/") + shown("/premium/2026-11-20/")


def test_only_what_readers_see_can_be_picked_and_only_once(reports):
    with time_machine.travel(MORNING, tick=False):
        editor = ada()
        desk.withdraw(reports[0], "False.", by=editor)
        with pytest.raises(Refusal, match="do not see"):
            desk.pick(reports[0], by=editor)
        desk.pick(reports[1], by=editor)
        with pytest.raises(Refusal, match="premium already"):
            desk.pick(reports[1], by=editor)
        with pytest.raises(Refusal, match="not picked"):
            desk.put_back(reports[2], by=editor)


def test_the_day_is_counted_against_the_promise(reports, django_assert_num_queries):
    paper = Paper.load()
    paper.premium_promise = 3
    paper.save()
    with time_machine.travel(MORNING, tick=False):
        desk.pick(reports[0], by=ada())
        with django_assert_num_queries(3):
            day = premium_day(date(2026, 11, 20), clock.now())
    assert (len(day.premium), day.promise, day.missing) == (1, 3, 2)
    assert [row.headline for row in day.others] == ["Report2", "Report1"]


def test_the_screen_picks_and_puts_back(reports, client):
    with time_machine.travel(MORNING, tick=False):
        client.force_login(ada())
        assert "Report0" in client.get("/desk/premium/").text
        client.post(f"/desk/premium/{reports[0].pk}/", {"day": "2026-11-20"})
        assert "Put back: Report0" in client.get("/desk/premium/?day=2026-11-20").text
        client.post(f"/desk/premium/{reports[0].pk}/", {"day": "2026-11-20", "back": "1"})
        assert Article.objects.of_class("premium").count() == 0
        assert client.get("/desk/premium/?day=nonsense").status_code == 200


def test_a_draft_from_before_does_not_undo_a_pick(reports):
    with time_machine.travel(MORNING, tick=False):
        editor = ada()
        reports[0].save_revision(user=editor)
        desk.pick(reports[0], by=editor)
        row = Article.objects.get(pk=reports[0].pk)
        row.publish(row.get_latest_revision(), user=editor)
        assert Article.objects.get(pk=reports[0].pk).access == "premium"


def test_everything_pressed_again_keeps_the_days(reports, home):
    with time_machine.travel(MORNING, tick=False):
        desk.pick(reports[0], by=ada())
        section = Section.objects.get(slug="world")
        section.access = "premium"
        section.save()
        press.press_everything()
        assert status("/premium/2026-11-20/") == 200
