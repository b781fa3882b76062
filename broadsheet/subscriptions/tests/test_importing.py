"""Subscribers brought along: open until the day that was paid, never charged, never doubled."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Journal, Payment
from broadsheet.press_log.models import Counter, Entry, Subject
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions import bringing, importing
from broadsheet.subscriptions.models import (
    Checkout,
    Grant,
    ImportedSubscription,
    ImportFile,
    ImportProblem,
    SubscriberImport,
    Subscription,
)
from broadsheet.subscriptions.reads.importing import BATCH, dry_run, listing_of
from broadsheet.subscriptions.reads.rights import entitlements
from broadsheet.subscriptions.tests.conftest import buy, terms
from broadsheet.subscriptions.tests.import_cast import (
    HEAD,
    LIST,
    PLANS,
    VERA,
    WALT,
    YARA,
    imported,
    rights,
)

APRIL = datetime(2026, 4, 30, 18, 30, tzinfo=UTC)
"""The end of 30 April in Kolkata."""
DECEMBER = datetime(2026, 12, 31, 18, 30, tzinfo=UTC)
ALL = ("unlimited", "premium", "ad_free")


def reader(name):
    return User.objects.get(email=f"{name}@lantern.example")


def nothing_charged():
    return not any(
        model.objects.exists() for model in (Checkout, Subscription, Payment, Journal, Mail)
    )


def test_readers_read_until_the_day_that_was_paid_and_nobody_is_charged(till, plan, travel):
    found = imported()
    assert (found.state, found.counts["new"], found.counts["open"]) == ("done", 4, 3)
    assert rights("vera@lantern.example") == dict.fromkeys(ALL, APRIL)
    assert rights("walt@lantern.example") == dict.fromkeys(ALL, DECEMBER)
    assert rights("xena@lantern.example") == dict.fromkeys(ALL)
    assert rights("yara@lantern.example") == {}
    assert nothing_charged()
    assert not ImportFile.objects.exists()
    assert [*checks.everything()] == []
    travel.move_to(APRIL - timedelta(seconds=1))
    assert "unlimited" in entitlements(reader("vera"), clock.now())
    travel.move_to(APRIL)
    assert "unlimited" not in entitlements(reader("vera"), clock.now())


def test_an_account_has_no_password_and_its_address_is_not_confirmed(till, plan, travel):
    imported()
    vera = reader("vera")
    assert (vera.first_name, vera.last_name, vera.has_usable_password()) == ("Vera", "Blum", False)
    assert not EmailAddress.objects.get(user=vera).verified
    assert ImportedSubscription.objects.get(reader=vera).made_account


def test_case_50_the_same_file_twice_changes_nothing(till, plan, travel):
    imported()
    before = [
        list(model.objects.order_by("pk").values())
        for model in (User, EmailAddress, Grant, ImportedSubscription)
    ]
    again = imported()
    assert (again.counts["same"], again.counts.get("changed", 0)) == (4, 0)
    after = [
        list(model.objects.order_by("pk").values())
        for model in (User, EmailAddress, Grant, ImportedSubscription)
    ]
    assert after == before
    assert nothing_charged()


def test_case_50_dead_gateway_ids_are_noted_and_never_asked(till, plan, travel, monkeypatch):
    monkeypatch.setattr(till, "look_up", lambda ref: pytest.fail("The gateway was asked."))
    imported()
    actions.ask_again()
    actions.compare()
    noted = dict(ImportedSubscription.objects.values_list("reader__email", "gateway_ref"))
    assert noted["vera@lantern.example"] == "cus_dead1"
    assert nothing_charged()


def test_a_corrected_file_brings_up_to_date_and_what_vanished_stays(till, plan, travel):
    imported()
    later = VERA.replace("2026-04-30", "2026-06-30")
    found = imported(HEAD + later)
    assert found.counts["changed"] == 1
    assert {until.month for until in rights("vera@lantern.example").values()} == {6}
    assert rights("walt@lantern.example") == dict.fromkeys(ALL, DECEMBER)
    assert Grant.objects.filter(reader=reader("vera")).count() == 3
    assert [*checks.everything()] == []


def test_what_ended_elsewhere_ends_here_and_is_not_imported_anew(till, plan, travel):
    imported()
    over = VERA.replace("2026-04-30", "2026-03-30") + WALT.replace("a2,walt", "a9,zoe").replace(
        "2026-12-31", "2026-03-01"
    )
    found = imported(HEAD + over)
    assert (found.counts["changed"], found.counts["left"]) == (1, 1)
    assert not entitlements(reader("vera"), clock.now())
    assert not User.objects.filter(email="zoe@lantern.example").exists()
    assert [*checks.everything()] == []


def test_another_plan_takes_the_rights_along_that_it_does_not_open(till, plan, travel):
    small = plan.__class__.objects.create(slug="small", name="Small")
    actions.set_terms(small, terms(entitlements=["unlimited"]))
    imported()
    imported(plans=PLANS | {"Gold": "small"})
    assert set(rights("vera@lantern.example")) == {"unlimited"}
    assert set(rights("xena@lantern.example")) == set(ALL)
    imported()
    assert set(rights("vera@lantern.example")) == set(ALL)
    assert [*checks.everything()] == []


def test_who_subscribes_here_is_reported_and_not_touched(till, plan, travel):
    vera = User.objects.create_user("vera@lantern.example")
    buy(till, vera, plan)
    hers = Grant.objects.filter(reader=vera).order_by("pk")
    before = list(hers.values())
    found = imported(LIST.replace("vera@", "VERA@"))
    assert (found.counts["own"], found.counts["new"]) == (1, 3)
    assert list(hers.values()) == before
    problem = ImportProblem.objects.get()
    assert (problem.line, "was not touched" in problem.wrong) == (2, True)


def test_who_has_an_account_keeps_it_and_old_passes_are_void(till, plan, travel):
    vera = User.objects.create_user("vera@lantern.example", first_name="V.")
    EmailAddress.objects.create(user=vera, email="walt@lantern.example", verified=True)
    Entry.objects.all().delete()
    found = imported()
    vera.refresh_from_db()
    assert (found.counts["known"], vera.first_name) == (2, "V.")
    assert Grant.objects.filter(reader=vera).count() == 6
    assert list(Entry.objects.values_list("subject", "ref")) == [(Subject.READER, str(vera.pk))]
    last = Entry.objects.get().number
    assert Counter.take("press_log") == last + 1


def test_a_file_that_does_not_say_until_when_opens_nothing(till, plan, travel):
    found = imported("email,plan\nvera@lantern.example,Gold\n")
    assert rights("vera@lantern.example") == {}
    assert (found.counts["new"], found.counts["account"]) == (1, 1)
    assert "does not say until when" in ImportProblem.objects.get().wrong


def test_a_closed_account_stays_closed(till, plan, travel):
    User.objects.create_user("vera@lantern.example", is_active=False)
    assert imported().counts["left"] == 1
    assert rights("vera@lantern.example") == {}


def test_two_subscriptions_of_one_new_reader_are_one_account(till, plan, travel):
    second = VERA.replace("a1", "a7").replace("2026-04-30", "2026-12-31")
    found = imported(HEAD + VERA + second)
    assert (found.counts["new"], found.counts["known"]) == (1, 1)
    assert Grant.objects.filter(reader=reader("vera")).count() == 6
    assert [*checks.everything()] == []


def test_nothing_begins_while_a_plan_of_theirs_has_none_of_ours(till, plan, travel):
    found = actions.take_file(LIST.encode(), "list.csv")
    actions.choose_plans(found, {"Gold": "quarterly"})
    with pytest.raises(Refusal, match="Friends"):
        actions.start_import(found)
    with pytest.raises(Refusal, match="no plan “platinum”"):
        actions.choose_plans(found, {"Gold": "platinum"})
    actions.run_imports()
    assert not User.objects.exists()


def test_plans_of_the_same_name_are_chosen_at_once(till, plan, travel):
    found = actions.take_file(LIST.replace("Gold", "QUARTERLY").encode(), "list.csv")
    assert found.plans == {"QUARTERLY": "quarterly"}


def test_the_dry_run_says_what_the_run_does_and_writes_nothing(till, plan, travel):
    buy(till, User.objects.create_user("walt@lantern.example"), plan)
    double = VERA.replace("a1", "a7")
    found = actions.take_file((LIST + double + "a8,bad,,,,,,\n").encode(), "list.csv")
    actions.choose_plans(found, PLANS)
    tried = dry_run(found, listing_of(found))
    assert User.objects.count() == 1
    assert not ImportedSubscription.objects.exists()
    actions.start_import(found)
    actions.run_imports()
    found.refresh_from_db()
    assert dict(tried.counts) == found.counts
    told = ImportProblem.objects.values_list("line", "wrong", "remedy")
    assert [(p.line, p.wrong, p.remedy) for p in tried.problems] == list(told)


def people(count):
    lines = "".join(f"p{n},r{n}@lantern.example,,Gold,2026-12-31,,,\n" for n in range(count))
    return HEAD + lines


def test_what_was_killed_goes_on_where_it_stopped(till, plan, travel, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    found = actions.take_file(people(35).encode(), "list.csv")
    actions.choose_plans(found, PLANS)
    actions.start_import(found)
    batches = []
    whole = bringing.bring

    def killed(found, judged):
        whole(found, judged)
        batches.append(len(judged))
        if len(batches) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(importing, "bring", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.run_imports()
    found.refresh_from_db()
    assert (found.state, found.place, User.objects.count()) == ("running", 20, 20)
    actions.run_imports()
    found.refresh_from_db()
    assert (found.state, found.counts["new"], batches) == ("done", 35, [10, 10, 10, 10, 5])
    assert User.objects.count() == ImportedSubscription.objects.count() == 35
    assert [*checks.everything()] == []


def test_ten_thousand_rows_cost_as_many_queries_in_every_batch(till, plan, travel):
    found = actions.take_file(people(10_000).encode(), "list.csv")
    actions.choose_plans(found, PLANS)
    actions.start_import(found)
    listing, counts = listing_of(found), []
    more = True
    while more:
        with CaptureQueriesContext(connection) as met:
            more = importing._take_batch(found.pk, listing)
        counts.append(len(met))
    assert (len(counts), len(set(counts[1:-1]))) == (10_000 // BATCH, 1), counts
    assert max(counts) < 80, counts
    assert Grant.objects.count() == 30_000


def test_undoing_ends_the_access_of_who_has_not_signed_in(till, plan, travel):
    found = imported()
    travel.shift(timedelta(days=1))
    walt = reader("walt")
    walt.last_login = clock.now()
    walt.save()
    actions.undo_import(found)
    actions.run_imports()
    found.refresh_from_db()
    assert (found.state, found.counts["undone"]) == ("undone", 2)
    assert rights("vera@lantern.example") == rights("xena@lantern.example") == {}
    assert set(rights("walt@lantern.example")) == set(ALL)
    assert User.objects.count() == 4
    assert [*checks.everything()] == []
    with pytest.raises(Refusal):
        actions.undo_import(found)
    again = imported()
    assert set(rights("vera@lantern.example")) == set(ALL)
    assert Grant.objects.filter(reader=reader("vera")).count() == 3
    assert again.imported.count() == 2


def test_an_erased_reader_does_not_come_back(till, plan, travel):
    imported()
    actions.ask_to_erase(reader("vera"))
    assert not User.objects.filter(email="vera@lantern.example").exists()
    row = ImportedSubscription.objects.get(reader=None)
    assert row.foreign_id not in ("a1", "vera@lantern.example")
    assert (row.gateway_ref, row.their_plan, row.paid_until) == ("", "", None)
    for text in (LIST, LIST.replace("a1,", "a77,")):
        assert imported(text).counts["left"] == 1
        assert "not made again" in ImportProblem.objects.latest("pk").wrong
    assert not User.objects.filter(email="vera@lantern.example").exists()
    assert [*checks.everything()] == []


def test_a_grant_without_its_import_is_found(till, plan, travel):
    imported()
    grant = Grant.objects.filter(reader=reader("vera")).first()
    Grant.objects.filter(pk=grant.pk).update(valid_until=None)
    assert ["another end" in p.text for p in checks.everything()] == [True]
    Grant.objects.filter(pk=grant.pk).update(valid_until=APRIL, imported=None)
    assert len([*checks.everything()]) == 2
    Grant.objects.filter(pk=grant.pk).delete()
    found = [*checks.everything()]
    assert ["has no grant of" in p.text for p in found] == [True]
    SubscriberImport.objects.all().delete()
    assert len([*checks.everything()]) == 1


def test_files_that_nobody_runs_are_deleted(till, plan, travel):
    found = actions.take_file(LIST.encode(), "../list.csv")
    assert found.file_name == "list.csv"
    travel.shift(timedelta(days=7))
    assert actions.forget_uploads() == 0
    travel.shift(timedelta(seconds=1))
    assert actions.forget_uploads() == 1
    found.refresh_from_db()
    assert (found.state, ImportFile.objects.exists()) == ("dropped", False)
    with pytest.raises(Refusal):
        actions.start_import(found)


def test_a_file_without_a_good_line_is_refused_with_its_first_problem(paper):
    with pytest.raises(Refusal, match=r"Line 2: .* no e-mail address"):
        actions.take_file(b"email\nvera\n", "list.csv")
    assert not SubscriberImport.objects.exists()


def test_a_free_member_has_an_account_only(till, plan, travel):
    found = imported(HEAD + YARA)
    assert found.counts == {"unread": 0, "new": 1, "account": 1}


@pytest.mark.parametrize("gone", [False, True])
def test_an_account_that_is_deleted_meanwhile_leaves_no_right_to_give_for_good(
    till, plan, travel, gone
):
    """Xena's access never ends. Without an account there is nobody whose right it would be."""
    pia = User.objects.create_superuser("pia@lantern.example")
    found = actions.take_file(LIST.encode(), "list.csv", by=pia)
    actions.choose_plans(found, PLANS)
    actions.start_import(found, by=pia)
    if gone:
        pia.delete()
    actions.run_imports()
    assert rights("vera@lantern.example") == dict.fromkeys(ALL, APRIL)
    assert rights("xena@lantern.example") == ({} if gone else dict.fromkeys(ALL))


def test_who_starts_what_the_command_line_brought_answers_for_it(till, plan, travel):
    pia = User.objects.create_superuser("pia@lantern.example")
    theirs = actions.take_file(LIST.encode(), "list.csv")
    assert theirs.by_command
    actions.choose_plans(theirs, PLANS)
    actions.start_import(theirs, by=pia)
    theirs.refresh_from_db()
    assert (theirs.by, theirs.by_command) == (pia, False)
