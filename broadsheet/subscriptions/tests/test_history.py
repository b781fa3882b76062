"""What a reader read is remembered for the reader alone, and how far they got."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings as conf
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from lxml import html

from broadsheet.accounts.models import ReadArticle, ReaderPolicy, User
from broadsheet.accounts.tests.doors import LOGIN, fill
from broadsheet.gate.journal import Record
from broadsheet.gate.passes import new_reader_id, reader_key, sign_reader_id
from broadsheet.gate.rules import Read
from broadsheet.subscriptions.actions import fold_journal, forget_old_history, note_place
from broadsheet.subscriptions.actions.exporting import export
from broadsheet.subscriptions.reads.history import MOST
from broadsheet.subscriptions.tests.journal_cast import AT, SECONDS, line, report, told, write
from tests.cast import PASSWORD, ben, make_reader

WHERE, PLACE = "/account/history/", "/account/place/"
MINE = new_reader_id()
OWN = {"origin": "http://testserver"}


@pytest.fixture
def now(paper):
    with time_machine.travel(AT + timedelta(hours=1), tick=False) as traveller:
        yield traveller


def browser(reader=None, **headers):
    client = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "192.0.2.7", **headers})
    if reader:
        client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def press(client, having, value=None):
    """Press the button of the form that has this field."""
    page = client.get(WHERE)
    forms = [f for f in html.fromstring(page.content).forms if having in f.inputs]
    found = next(f for f in forms if value is None or f.fields[having] == value)
    return client.post(WHERE, dict(found.fields), follow=True).content.decode()


def kept(reader):
    return {row.article: row.read_at for row in ReadArticle.objects.filter(reader=reader)}


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def test_what_an_account_opened_is_remembered_once_and_at_its_last_time(now):
    reader = ben()
    key = f"u{reader.pk}"
    told(
        line(key, 7, at=SECONDS - 60),
        line(key, 7, "open", at=SECONDS, rule="gift:3"),
        line(key, 8, "stop"),
        line("a" + "x" * 22, 9),
        line("b" + "x" * 22, 10, "open", rule=f"newsletter:3:{reader.pk}"),
    )
    assert kept(reader) == {7: at(SECONDS)}
    told(line(key, 7, at=SECONDS - 900))
    assert kept(reader) == {7: at(SECONDS)}, "an older line of another segment changes nothing"


def test_what_was_read_before_signing_in_is_remembered_with_the_merge(now):
    reader = ben()
    taken = (Read(4, SECONDS - 500, 2), Read(5, SECONDS - 400, 2), Read(6, 10**17, 2))
    told(Record(SECONDS, "2026-11", f"u{reader.pk}", 0, f"merge:a{MINE}", taken=taken))
    assert kept(reader) == {4: at(SECONDS - 500), 5: at(SECONDS - 400)}


def signed(reader_id):
    return sign_reader_id(reader_id, reader_key(conf.SECRET_KEY.encode()))


def sign_in(reader, reader_id=MINE):
    client = Client(headers={"x-forwarded-for": "192.0.2.7"})
    client.cookies["reader"] = signed(reader_id) if reader_id else "forged"
    with TestCase.captureOnCommitCallbacks(execute=True):
        fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    return client


def test_a_sign_in_takes_over_what_this_browser_read_also_for_who_reads_all(now):
    reader = ben()
    told(line(f"a{MINE}", 4), line(f"a{MINE}", 6, "stop"), line("a" + "y" * 22, 5))
    sign_in(reader)
    assert set(kept(reader)) == {4}


def test_a_sign_in_takes_over_what_was_read_a_moment_before(now, home):
    """The worker folds every other second; whoever signs in sooner must not lose a report."""
    reader = ben()
    told(line(f"a{MINE}", 4, at=SECONDS - 100))
    write(home, line(f"a{MINE}", 5, at=SECONDS))
    sign_in(reader)
    assert set(kept(reader)) == {4, 5}


def test_a_sign_in_takes_over_nothing_that_was_another_accounts_or_is_forged(now):
    first, second = ben(), make_reader("dan@lantern.example", PASSWORD)
    told(
        line(f"a{MINE}", 4, at=SECONDS - 100),
        line(f"u{first.pk}", 0, f"merge:a{MINE}", at=SECONDS - 50),
        line(f"a{MINE}", 5, at=SECONDS),
    )
    sign_in(second)
    assert set(kept(second)) == {5}
    third = make_reader("eve@lantern.example", PASSWORD)
    sign_in(third, "")
    assert kept(third) == {}


def test_the_page_tells_titles_and_how_far_and_hides_what_is_gone(now):
    reader, one = ben(), report("Cranes by night")
    told(line(f"u{reader.pk}", one.pk), line(f"u{reader.pk}", 999))
    note_place(reader, one.pk, 19, 40)
    page = browser(reader).get(WHERE).content.decode()
    assert f'<a href="{one.path}">Cranes by night</a>' in page
    assert "read to 50 %" in page
    assert "A report that can no longer be read" in page


def test_one_or_all_can_be_deleted_and_do_not_come_back(now):
    reader = ben()
    one, two = report("Cranes"), report("Trams")
    told(line(f"u{reader.pk}", one.pk), line(f"u{reader.pk}", two.pk))
    client = browser(reader)
    press(client, "forget", str(one.pk))
    fold_journal()
    assert set(kept(reader)) == {two.pk}
    assert "All of it is deleted" in press(client, "forget_all")
    assert kept(reader) == {}


def test_nobody_deletes_what_another_read(now):
    reader, other = ben(), make_reader("dan@lantern.example", PASSWORD)
    told(line(f"u{reader.pk}", 7))
    client = browser(other)
    form = next(f for f in html.fromstring(client.get(WHERE).content).forms if "keep" in f.inputs)
    token = form.fields["csrfmiddlewaretoken"]
    client.post(WHERE, {"forget": "7", "csrfmiddlewaretoken": token})
    client.post(WHERE, {"forget_all": "1", "csrfmiddlewaretoken": token})
    assert set(kept(reader)) == {7}
    assert browser(reader).post(WHERE, {"forget_all": "1"}).status_code == 403
    assert set(kept(reader)) == {7}


def test_switched_off_all_goes_and_nothing_comes_until_it_is_on_again(now):
    reader, one = ben(), report()
    client = browser(reader)
    assert "Remember nothing" in client.get(WHERE).content.decode()
    told(line(f"u{reader.pk}", one.pk))
    assert "Remember nothing" not in client.get(WHERE).content.decode()
    assert "Nothing is remembered from now on" in press(client, "keep", "0")
    assert kept(reader) == {}
    assert client.get("/account/").status_code == 200
    assert client.cookies["place"].value == ""
    told(line(f"u{reader.pk}", one.pk, at=SECONDS + 5))
    assert not note_place(reader, one.pk, 3, 9)
    assert kept(reader) == {}
    press(client, "keep", "1")
    told(line(f"u{reader.pk}", one.pk, at=SECONDS + 9))
    assert set(kept(reader)) == {one.pk}


def test_the_publishers_days_hold_and_none_means_nothing(now):
    reader = ben()
    told(line(f"u{reader.pk}", 7, at=SECONDS - 20 * 86_400), line(f"u{reader.pk}", 8))
    ReaderPolicy.objects.create(history_days=10)
    assert forget_old_history() == 1
    assert set(kept(reader)) == {8}
    ReaderPolicy.objects.update(history_days=0)
    assert forget_old_history() == 1
    told(line(f"u{reader.pk}", 9))
    assert not note_place(reader, 9, 3, 9)
    assert kept(reader) == {}
    assert "remembers nothing" in browser(reader).get(WHERE).content.decode()


def test_a_place_is_noted_and_found_on_another_device(now):
    reader, one = ben(), report()
    phone, desktop = browser(reader, **OWN), browser(reader)
    told_ = {"article": one.pk, "place": 12, "paragraphs": 40}
    assert phone.post(PLACE, told_).status_code == 204
    found = desktop.get(PLACE, {"article": one.pk})
    assert json.loads(found.content) == {"place": 12, "paragraphs": 40}
    assert "no-store" in found.headers["cache-control"]
    phone.post(PLACE, told_ | {"place": 0})
    assert json.loads(desktop.get(PLACE, {"article": one.pk}).content)["place"] == 0


def test_a_read_of_the_journal_leaves_the_place_alone(now):
    reader = ben()
    note_place(reader, 7, 12, 40)
    told(line(f"u{reader.pk}", 7, at=SECONDS + 7200))
    row = ReadArticle.objects.get()
    assert (row.place, row.read_at) == (12, at(SECONDS + 7200))


def test_a_place_is_each_readers_own_and_no_strangers(now):
    reader, one = ben(), report()
    note_place(reader, one.pk, 12, 40)
    other = browser(make_reader("dan@lantern.example", PASSWORD))
    assert other.get(PLACE, {"article": one.pk}).status_code == 204
    stranger = browser(**OWN)
    assert stranger.get(PLACE, {"article": one.pk}).status_code == 401
    told_ = {"article": one.pk, "place": 1, "paragraphs": 4}
    assert stranger.post(PLACE, told_).status_code == 401
    assert ReadArticle.objects.count() == 1


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}], ids=str
)
def test_a_place_from_elsewhere_is_refused(now, headers):
    one = report()
    told_ = {"article": one.pk, "place": 1, "paragraphs": 4}
    assert browser(ben(), **headers).post(PLACE, told_).status_code == 403
    assert not ReadArticle.objects.exists()


@pytest.mark.parametrize(
    "bent",
    [
        {"place": "40"}, {"place": "-1"}, {"place": ""}, {"place": "x"}, {"place": "٣"},
        {"paragraphs": "0"}, {"paragraphs": str(2**15)}, {"article": "999999"}, {"article": "x"},
        {"article": str(2**63)},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_place_is_refused_and_changes_nothing(now, bent):
    one = report()
    told_ = {"article": one.pk, "place": "12", "paragraphs": "40"} | bent
    assert browser(ben(), **OWN).post(PLACE, told_).status_code == 400
    assert not ReadArticle.objects.exists()


def test_only_a_signed_in_reader_with_a_history_gets_the_cookie_that_asks_the_script(now):
    assert "place" not in browser().get(LOGIN).cookies
    reader = ben()
    cookie = browser(reader).get("/account/").cookies["place"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("1", "", "Lax")
    client = browser(reader)
    client.get("/account/")
    client.logout()
    client.cookies["place"] = "1"
    assert client.get(LOGIN).cookies["place"].value == ""


def test_the_export_has_it_and_erasing_takes_it_along(now):
    from zipfile import ZipFile

    from broadsheet.desk.models import Paper
    from broadsheet.desk.reads import paper_view

    reader, one = ben(), report("Cranes by night")
    note_place(reader, one.pk, 12, 40)
    assert Paper.objects.exists()
    with ZipFile(export(reader, paper_view("http://testserver"))) as found:
        rows = json.loads(found.read("data/history.json"))["rows"]
    assert [(row["article"], row["place"], row["paragraphs"]) for row in rows] == [(one.pk, 12, 40)]
    reader.delete()
    assert not ReadArticle.objects.exists()
    assert not User.objects.exists()


def test_a_long_history_costs_no_more_queries_and_has_pages(now):
    reader = ben()
    client = browser(reader)
    counts = []
    for number in (1, MOST + 1):
        rows = [ReadArticle(reader=reader, article=n) for n in range(number)]
        ReadArticle.objects.bulk_create(rows, ignore_conflicts=True)
        client.get(WHERE)
        with CaptureQueriesContext(connection) as found:
            page = client.get(WHERE).content.decode()
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert "?page=2" in page
    assert client.get(WHERE, {"page": "2"}).content.decode().count('name="forget"') == 1
