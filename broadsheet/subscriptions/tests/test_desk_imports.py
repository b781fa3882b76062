"""Readers, Import: upload, choose plans, look at what would happen, import, undo, welcome."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from broadsheet.accounts.models import Mail, User
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import ImportFile, SubscriberImport
from broadsheet.subscriptions.tests.conftest import buy
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, page, publisher, queries, said
from broadsheet.subscriptions.tests.import_cast import LIST, PLANS, imported, rights
from broadsheet.subscriptions.tests.test_importing import people
from tests.cast import PASSWORD, make_reader

ALL = "/desk/business/imports/"


def uploaded(client, text=LIST, **facts):
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("list.csv", data, content_type="text/csv")
    return client.post(ALL, {"file": file, "format": "", **facts})


def press(client, found, act, **facts):
    return client.post(
        reverse("business_import_act", args=[found.pk]), {"act": act, **facts}, follow=True
    )


def one(found):
    return reverse("business_import", args=[found.pk])


def test_the_empty_screen_says_what_to_take(paper):
    text = page(publisher(), ALL)
    assert "Nothing was imported yet." in text
    assert 'enctype="multipart/form-data"' in text


def test_from_the_file_to_the_readers(till, plan, travel):
    client = publisher()
    answer = uploaded(client, LIST + "a9,bad,,,,,,\n")
    found = SubscriberImport.objects.get()
    assert answer["location"] == one(found)
    text = page(client, one(found))
    assert "2 plans of theirs have none of yours" in text
    assert "Import now" not in text
    assert "“email” is no e-mail address." in text
    answer = press(client, found, "choose", **{"plan-0": "quarterly", "plan-1": "quarterly"})
    text = answer.content.decode()
    assert "Import now" in text
    assert "new accounts" in text
    assert User.objects.count() == 1
    assert "has begun" in said(press(client, found, "run"))
    answer = client.get(one(found))
    assert '<progress id="done" max="4" value="0">' in answer.content.decode()
    assert answer["refresh"] == "2"
    actions.run_imports()
    text = page(client, one(found))
    assert "vera@lantern.example" in text
    assert "30 April 2026" in text
    assert "cus_dead1" in text
    assert "Send it to 3 readers" in text
    assert rights("vera@lantern.example")
    assert not Mail.objects.exists()
    press(client, found, "welcome")
    actions.tell_imported()
    assert Mail.objects.count() == 3
    assert "undone" in said(press(client, found, "undo"))
    actions.run_imports()
    assert rights("vera@lantern.example") == {}
    assert "undone" in page(client, one(found))


def test_no_access_can_be_chosen(till, plan, travel):
    client = publisher()
    uploaded(client)
    found = SubscriberImport.objects.get()
    press(client, found, "choose", **{"plan-0": "none", "plan-1": "quarterly"})
    found.refresh_from_db()
    assert found.plans == {"Friends": "", "Gold": "quarterly"}
    assert "Import now" in page(client, one(found))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (LIST.replace("Vera", "José").encode("latin-1"), "CSV UTF-8"),
        (b"name\nVera\n", "names no columns"),
        (b"", "empty"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_is_kept(paper, data, words):
    answer = uploaded(publisher(), data)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not SubscriberImport.objects.exists()


def test_the_same_file_is_told_and_can_be_dropped(till, plan, travel):
    imported()
    client = publisher()
    uploaded(client)
    found = SubscriberImport.objects.first()
    assert "The very same file was imported on 31 March 2026" in page(client, one(found))
    assert "deleted" in said(press(client, found, "drop"))
    assert not ImportFile.objects.exists()
    assert "without being imported" in page(client, one(found))
    assert "has begun already" in said(press(client, found, "run"))
    assert "has begun already" in said(press(client, found, "choose"))


def test_all_problems_are_a_file_that_no_spreadsheet_runs(till, plan, travel):
    client = publisher()
    lines = "".join(f"b{n},bad,,,,,,\n" for n in range(60))
    uploaded(client, LIST + lines)
    found = SubscriberImport.objects.get()
    address = reverse("business_import_problems", args=[found.pk])
    before = client.get(address)
    assert before["content-type"] == "text/csv; charset=utf-8"
    assert len(before.content.splitlines()) == 1 + 3 + 60
    actions.choose_plans(found, PLANS)
    actions.start_import(found)
    actions.run_imports()
    assert len(client.get(address).content.splitlines()) == 1 + 60


def test_pages_cost_as_many_queries_for_many_rows(till, plan, travel):
    few = imported(people(3), {"Gold": "quarterly"})
    many = imported(people(45), {"Gold": "quarterly"})
    client = publisher()
    assert queries(client, one(few)) == queries(client, one(many))
    assert many.imported.count() == 42


def test_a_clerk_needs_the_right_to_change_subscriptions(till, plan, travel):
    found = imported()
    client = clerk("subscriptions.view_subscription")
    assert client.get(ALL).status_code == 302
    press(client, found, "undo")
    found.refresh_from_db()
    assert found.state == "done"
    client.logout()
    carl = User.objects.get(email="carl@lantern.example")
    carl.delete()
    page(clerk("subscriptions.change_subscription"), one(found))


def test_access_without_an_end_takes_the_right_to_give_it(till, plan, travel):
    client = clerk("subscriptions.change_subscription")
    uploaded(client)
    found = SubscriberImport.objects.get()
    actions.choose_plans(found, PLANS)
    told = "Access without an end takes the right to add complimentary access: left out."
    assert told in page(client, one(found))
    assert told in page(client, reverse("business_import_problems", args=[found.pk]))
    assert told not in page(publisher(), one(found))
    press(client, found, "run")
    actions.run_imports()
    assert told in page(client, one(found))
    assert not User.objects.filter(email="xena@lantern.example").exists()
    assert rights("vera@lantern.example")


def test_who_may_give_access_runs_what_somebody_else_uploaded(till, plan, travel):
    uploaded(clerk("subscriptions.change_subscription"))
    found = SubscriberImport.objects.get()
    actions.choose_plans(found, PLANS)
    press(publisher(), found, "run")
    actions.run_imports()
    assert set(rights("xena@lantern.example").values()) == {None}
    assert "pia@lantern.example answers for it" in page(publisher(), one(found))
    client = at_desk(User.objects.get(email="carl@lantern.example"))
    press(client, found, "undo")
    actions.run_imports()
    uploaded(client)
    again = SubscriberImport.objects.exclude(pk=found.pk).get()
    actions.choose_plans(again, PLANS)
    press(client, again, "run")
    actions.run_imports()
    assert rights("xena@lantern.example") == {}


def test_the_reader_is_told_on_the_account_page_and_before_paying(till, plan, travel):
    imported()
    vera = User.objects.get(email="vera@lantern.example")
    client = at_desk(vera)
    text = page(client, "/account/")
    assert "paid until <strong>30 April 2026</strong>" in text
    assert "On the paper’s invitation" not in text
    assert "no day is paid twice" in page(client, "/subscribe/quarterly/")
    ben = make_reader("ben@lantern.example", PASSWORD)
    assert "no day is paid twice" not in page(at_desk(ben), "/subscribe/quarterly/")
    buy(till, vera, plan)
    assert "Next charge" in page(client, "/account/")
