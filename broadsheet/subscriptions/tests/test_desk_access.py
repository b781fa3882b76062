"""Complimentary access: given by the form with an end, read with, told by mail, revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from wagtail.models import ModelLogEntry

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.subscriptions.models import REVOKED, Grant
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, said, subscriber

ADD = "grants:add"
FORM = {
    "email": "Rosa@lantern.example", "entitlements": ["premium", "ad_free"],
    "last_day": "2026-04-30", "reason": "Won the crossword",
}  # fmt: skip


@pytest.fixture
def client(plan, travel):
    return publisher()


@pytest.fixture
def rosa(plan, travel):
    return User.objects.create_user("rosa@lantern.example")


def give(client, **facts):
    return client.post(reverse(ADD), FORM | facts, follow=True)


def reads(rosa):
    return sorted(entitlements(rosa, clock.now()))


def test_the_form_opens_it_until_the_day_is_over_where_the_paper_is(client, rosa, travel):
    answer = give(client)
    assert "rosa@lantern.example has access, and a mail about it." in said(answer)
    assert answer.redirect_chain[-1][0] == reverse("business_reader", args=[rosa.pk])
    assert reads(rosa) == ["ad_free", "premium"]
    for grant in Grant.objects.all():
        assert (grant.given_by.email, grant.given_at) == ("pia@lantern.example", clock.now())
        assert (grant.reason, grant.source) == ("Won the crossword", "complimentary")
    travel.move_to(datetime(2026, 4, 30, 18, 29, tzinfo=UTC))
    assert reads(rosa) == ["ad_free", "premium"], "23:59 in Kolkata"
    travel.move_to(datetime(2026, 4, 30, 18, 30, tzinfo=UTC))
    assert reads(rosa) == []


def test_the_reader_has_one_mail_with_what_and_until_when(client, rosa):
    give(client)
    mail = Mail.objects.get(to="rosa@lantern.example")
    for text in (mail.text, mail.html):
        words = " ".join(text.split())
        assert "30 April 2026" in words
        assert "nothing is charged" in words
        assert "Won the crossword" not in words
    assert mail.subject.startswith("Open for you:")


def test_a_second_click_gives_nothing_more_and_the_same_another_day_does(client, rosa, travel):
    give(client)
    first = Grant.objects.count()
    give(client)
    assert (Grant.objects.count(), Mail.objects.count()) == (first, 1)
    assert ModelLogEntry.objects.filter(action="wagtail.create").count() == first
    give(client, reason="Another reason")
    assert (Grant.objects.count(), Mail.objects.count()) == (2 * first, 2)
    give(client, first_day="2026-04-10")
    give(client, first_day="2026-04-10")
    assert (Grant.objects.count(), Mail.objects.count()) == (3 * first, 3)
    travel.shift(timedelta(minutes=2))
    give(client)
    assert (Grant.objects.count(), Mail.objects.count()) == (4 * first, 4)


def test_it_may_begin_later(client, rosa, travel):
    give(client, first_day="2026-04-10")
    assert reads(rosa) == []
    assert "From 10 April 2026 on" in " ".join(Mail.objects.get().text.split())
    travel.move_to(datetime(2026, 4, 9, 18, 30, tzinfo=UTC))
    assert reads(rosa) == ["ad_free", "premium"]


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"email": "nobody@lantern.example"}, "No account has this address."),
        ({"email": ""}, "This field is required."),
        ({"entitlements": []}, "nothing would be opened"),
        ({"entitlements": ["everything"]}, "Select a valid choice"),
        ({"last_day": ""}, "Say when it ends, or tick the box"),
        ({"last_day": "2026-03-30"}, "This day is over."),
        ({"last_day": "9999-12-31"}, "That is no end."),
        ({"last_day": "soon"}, "Enter a valid date."),
        ({"first_day": "2026-05-01"}, "It would end before it begins."),
        ({"last_day": "", "endless": "on"}, "Say who decided"),
        ({"endless": "on", "decided_by": "Pia"}, "not both"),
        ({"reason": " "}, "This field is required."),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(client, rosa, facts, wrong):
    answer = give(client, **facts)
    assert wrong in answer.content.decode()
    assert not Grant.objects.exists()
    assert not Mail.objects.exists()


def test_a_closed_account_gets_nothing(client, rosa):
    User.objects.filter(pk=rosa.pk).update(is_active=False)
    assert "This account is closed" in give(client).content.decode()
    assert not Grant.objects.exists()


def test_without_an_end_somebody_decided(client, rosa, travel):
    give(client, last_day="", endless="on", decided_by="The publisher")
    grant = Grant.objects.first()
    assert (grant.valid_until, grant.decided_by) == (None, "The publisher")
    assert "It has no end" in Mail.objects.get().text
    text = page(client, reverse("grants:index"))
    assert "without an end" in text
    assert "decided by The publisher" in text
    travel.move_to(datetime(2030, 1, 1, tzinfo=UTC))
    assert reads(rosa)


def test_the_form_is_no_list_of_all_readers(client, rosa):
    text = page(client, reverse(ADD), reader="rosa@lantern.example")
    assert 'value="rosa@lantern.example"' in text
    assert "<select" not in text.partition("<main")[2]


def test_its_end_is_moved_and_told(client, rosa):
    give(client, entitlements=["premium"])
    grant = Grant.objects.get()
    edit = reverse("grants:edit", args=[grant.pk])
    assert "2026-04-30" in page(client, edit)
    client.post(edit, {"last_day": "2026-04-30", "reason": "Won it"})
    kept = Grant.objects.get()
    assert (kept.reason, kept.valid_until) == ("Won it", grant.valid_until)
    assert Mail.objects.count() == 1, "the same end is no news"
    client.post(edit, {"last_day": "2026-05-31", "reason": "Won twice"})
    kept = Grant.objects.get()
    assert kept.valid_until == datetime(2026, 5, 31, 18, 30, tzinfo=UTC)
    assert kept.given_at == grant.given_at
    assert "until another day" in Mail.objects.first().subject


def test_it_is_revoked_with_a_reason_and_the_reader_is_told(client, rosa, travel):
    give(client, entitlements=["premium"])
    grant = Grant.objects.get()
    address = reverse("business_revoke", args=[grant.pk])
    assert address in page(client, reverse("business_reader", args=[rosa.pk]))
    client.post(address, {"reason": ""})
    assert reads(rosa) == ["premium"], "not without a reason"
    travel.shift(timedelta(hours=1))
    client.post(address, {"reason": "Given by mistake"})
    assert reads(rosa) == []
    kept = Grant.objects.get()
    assert (kept.revoked_by.email, kept.revoke_reason) == (
        "pia@lantern.example", "Given by mistake",
    )  # fmt: skip
    mail = Mail.objects.first()
    assert mail.subject.startswith("No longer open")
    assert "mistake" not in mail.text
    assert ModelLogEntry.objects.filter(action=REVOKED).count() == 1
    story = page(client, reverse("business_reader", args=[rosa.pk]))
    assert "Complimentary access revoked" in story
    assert "Given by mistake" in story


def test_two_clicks_revoke_once_and_what_is_revoked_is_not_moved(client, rosa, travel):
    give(client, entitlements=["premium"])
    grant = Grant.objects.get()
    address = reverse("business_revoke", args=[grant.pk])
    client.post(address, {"reason": "One"})
    client.post(address, {"reason": "Two"})
    assert Grant.objects.get().revoke_reason == "One"
    assert Mail.objects.count() == 2
    answer = client.post(
        reverse("grants:edit", args=[grant.pk]),
        {"last_day": "2026-06-30", "reason": "Again"}, follow=True,
    )  # fmt: skip
    assert "This access was revoked." in said(answer)
    assert reads(rosa) == []


def test_deleting_leads_to_revoking(client, rosa):
    give(client, entitlements=["premium"])
    answer = client.post(reverse("grants:delete", args=[Grant.objects.get().pk]), follow=True)
    assert "End the access now" in answer.content.decode()
    assert reads(rosa) == ["premium"]


def test_what_a_subscription_wrote_is_not_touched_here(client, till, plan):
    subscriber(till, plan, "sami@lantern.example")
    grant = Grant.objects.first()
    assert "sami@" not in page(client, reverse("grants:index")).partition("<main")[2]
    for address in ("grants:edit", "grants:delete", "business_revoke"):
        posted = client.post(reverse(address, args=[grant.pk]), {"reason": "No"})
        assert posted.status_code == 404, address


def test_it_needs_a_right_of_its_own(rosa):
    carl = clerk("subscriptions.view_subscription")
    give(carl)
    assert not Grant.objects.exists()
    grant = Grant.objects.create(reader=rosa, entitlement="premium")
    carl.post(reverse("business_revoke", args=[grant.pk]), {"reason": "Mine"})
    assert reads(rosa) == ["premium"]
