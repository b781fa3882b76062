"""Licensees take our reports: by token, in full, and hear of every end."""

import hashlib
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.actions import make_staff
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Section
from broadsheet.gate.facts import read_facts
from broadsheet.gate.pressed import open_store
from broadsheet.licensing import actions, reads
from broadsheet.licensing.models import Change, Licensee, Taken
from broadsheet.licensing.tests.shapes import NAR, NINJS, check_newsmlg2
from broadsheet.press import actions as press
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire import formats
from broadsheet.wire.models import Source
from tests.cast import PASSWORD, ada, ninjs, send
from tests.picture_cast import photo

pytestmark = pytest.mark.django_db
FOR_READERS = "<p>Words &amp; more of <strong>paragraph {n}</strong>.<br>A new line.</p>"


@pytest.fixture
def licensee(paper):
    made = Licensee.objects.create(name="The Evening Post")
    made.token = actions.give_token(made)
    return made


def ours(number=1, **facts):
    text = "".join(FOR_READERS.format(n=n) for n in range(9))
    facts = {
        "headline": f"Own report {number}", "standfirst": "In short.", "body": text,
        "byline": "Ilse Varga", "section": Section.objects.get(slug="world"),
    } | facts  # fmt: skip
    article = Article(**facts)
    article.save()
    article.save_revision().publish()
    press.catch_up()
    return Article.objects.get(pk=article.pk)


def ask(licensee, since=0, name="ninjs", token=None):
    fields = {"Authorization": f"Bearer {token or licensee.token}"}
    return Client().get(f"/licensed/{name}/?since={since}", headers=fields)


def items(licensee, since=0):
    answer = ask(licensee, since)
    assert answer.status_code == 200, answer.content
    found = answer.json()["items"]
    for item in found:
        jsonschema.validate(item, NINJS, format_checker=jsonschema.FormatChecker())
    return found


def following(answer):
    return int(answer.json()["next"].rpartition("=")[2])


def test_a_report_goes_out_whole_with_all_that_its_readers_must_know(licensee):
    own = photo("harbour")
    article = ours(picture=own, dateline="NORTHQUAY", kicker="Fishing", access="metered")
    desk.correct(article, "It was six boats, not five.", by=ada())
    (item,) = items(licensee)
    assert item["uri"].startswith("tag:localhost,")
    assert item["pubStatus"] == "usable"
    assert item["standard"]["version"] == "3.0"
    assert item["headlines"] == [{"role": "main", "value": "Own report 1"}]
    assert item["bodies"][0]["value"].count("A new line.") == 9
    assert (item["by"], item["located"]) == ("Ilse Varga", "NORTHQUAY")
    assert {"role": "correction", "contentType": "text/plain",
            "value": "It was six boats, not five."} in item["descriptions"]  # fmt: skip
    assert "It was six boats, not five." in item["edNote"]
    assert [subject["name"] for subject in item["subjects"]] == ["World", "Fishing"]
    assert item["infoSources"][0]["name"] == "The Lantern"
    assert item["trustIndicators"] == [
        {"title": "Corrections", "href": "http://localhost:8000/corrections/"}
    ]
    (picture,) = item["associations"]
    assert picture["by"] == own.credit
    assert picture["renditions"][0]["href"].startswith("http://localhost:8000/media/")


def test_our_own_reader_reads_ninjs_back(licensee):
    article = ours(picture=photo("harbour"))
    parsed = formats.parse(ask(licensee).content, content_type="application/json")
    (entry,) = parsed.entries
    assert not parsed.problems
    assert (entry.title, entry.status) == ("Own report 1", "usable")
    assert entry.authors == ("Ilse Varga",)
    assert entry.body_html == article.full_body
    assert entry.published == article.first_published_at.replace(microsecond=0)
    assert entry.pictures[0].credit == "harbour"


def test_newsmlg2_knows_no_empty_message(licensee):
    answer = ask(licensee, name="newsml-g2")
    assert (answer.status_code, answer.content) == (204, b"")
    assert 'rel="next"' in answer["Link"]


def test_newsmlg2_says_the_same_in_the_order_of_its_schema(licensee):
    ours(picture=photo("harbour"), dateline="NORTHQUAY")
    desk.correct(Article.objects.get(), "It was six boats.", by=ada())
    answer = ask(licensee, name="newsml-g2")
    assert answer["Content-Type"] == "application/vnd.iptc.g2.newsmessage+xml"
    text, picture = check_newsmlg2(answer.content)
    (told,) = items(licensee)
    assert text.get("guid") == told["uri"]
    assert text.find(f".//{NAR}headline").text == "Own report 1"
    assert text.find(f".//{NAR}pubStatus").get("qcode") == "stat:usable"
    assert picture.find(f".//{NAR}creditline").text == "harbour"
    assert picture.find(f".//{NAR}link").get("residref") == text.get("guid")
    paragraphs = text.findall(".//{http://www.w3.org/1999/xhtml}p")
    assert len(paragraphs) == 9
    assert "".join(paragraphs[0].itertext()).startswith("Words & more of paragraph 0.")
    roles = {d.get("role"): d.text for d in text.iter(f"{NAR}description")}
    assert roles["drol:summary"] == "In short."
    assert roles["paper:correction"] == "It was six boats."


@pytest.mark.parametrize("name", ["ninjs", "newsml-g2"])
def test_case_40_a_withdrawn_report_goes_out_canceled_without_a_word_of_it(licensee, name):
    article = ours()
    first = ask(licensee, name=name)
    desk.withdraw(article, "It was wrong from end to end.", by=ada())
    since = first["Link"].partition("since=")[2].partition(">")[0]
    answer = ask(licensee, since, name)
    assert b"Own report 1" not in answer.content
    assert b"paragraph" not in answer.content
    assert b"It was wrong from end to end." in answer.content
    (item,) = items(licensee)
    assert item["pubStatus"] == "canceled"
    assert not {"headlines", "bodies", "descriptions", "associations"} & item.keys()
    if name == "newsml-g2":
        (item,) = check_newsmlg2(answer.content)
        assert item.find(f".//{NAR}pubStatus").get("qcode") == "stat:canceled"
        assert item.find(f"{NAR}contentSet") is None


def test_who_never_had_a_report_does_not_hear_that_it_was_withdrawn(licensee):
    desk.withdraw(ours(), "Wrong.", by=ada())
    assert items(licensee) == []


def test_a_held_report_is_withheld_and_comes_back(licensee):
    article = ours()
    items(licensee)
    for held, status in ((True, "withheld"), (False, "usable")):
        Article.objects.filter(pk=article.pk).update(held=held)
        announce(Subject.ARTICLE, article.pk)
        (item,) = items(licensee)
        assert item["pubStatus"] == status
        assert ("bodies" in item) is not held


def test_each_state_comes_once_the_newest_only_and_pages_follow_one_another(licensee, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 4)
    articles = [ours(number) for number in range(10)]
    seen, since = [], 0
    while True:
        answer = ask(licensee, since)
        seen += [item["headlines"][0]["value"] for item in answer.json()["items"]]
        if following(answer) == since:
            break
        since = following(answer)
    assert seen == [f"Own report {number}" for number in range(10)]
    assert items(licensee, since) == []
    for word in ("Once", "Twice"):
        articles[3].headline = word
        articles[3].save_revision().publish()
    (item,) = items(licensee, since)
    assert item["headlines"][0]["value"] == "Twice"


def test_an_agencys_report_is_passed_on_only_where_the_agency_says_so(feed, licensee):
    send(feed, ninjs())
    press.catch_up()
    assert items(licensee) == []
    Source.objects.update(may_be_licensed_on=True)
    (item,) = items(licensee)
    assert item["infoSources"][0] == {"name": "Quill", "role": "originator"}
    assert {"role": "wire", "value": "urn:quill:1"} in item["altIds"]
    assert item["copyrightHolder"] == "Quill"
    article = Article.objects.get()
    disclosed = next(d["value"] for d in item["descriptions"] if d["role"] == "disclosure")
    assert disclosed.startswith("This report is auto-generated from a syndicated feed of Quill.")
    assert article.withdrawn_at is None


def test_the_end_of_a_contract_with_an_agency_reaches_who_has_its_reports(feed, licensee):
    Source.objects.update(may_be_licensed_on=True)
    send(feed, ninjs())
    ours()
    last = following(ask(licensee))
    assert items(licensee, last) == []
    Source.objects.update(may_be_licensed_on=False)
    (item,) = items(licensee, last)
    assert item["pubStatus"] == "canceled"
    assert "bodies" not in item
    assert items(licensee, last) == []


def test_an_agencys_picture_is_not_passed_on_with_our_words(licensee):
    theirs = photo("theirs")
    theirs.from_wire = True
    theirs.save()
    ours(picture=theirs)
    (item,) = items(licensee)
    assert "associations" not in item


def test_media_topics_go_along_under_their_codes(feed, licensee):
    send(feed, ninjs())
    Source.objects.update(may_be_licensed_on=True)
    version = Article.objects.get().basis
    version.fields["topics"] = ["medtop:04000000", "house:17"]
    version.save()
    (item,) = items(licensee)
    uri = "http://cv.iptc.org/newscodes/mediatopic/04000000"
    assert [subject.get("uri") for subject in item["subjects"]] == [uri, None]
    (text,) = check_newsmlg2(ask(licensee, name="newsml-g2").content)
    assert text.find(f".//{NAR}subject").get("qcode") == "medtop:04000000"


def test_the_gate_passes_the_address_on(paper, home):
    press.press_everything()
    store = open_store(home / "pressed.sqlite3")
    assert "licensed" in read_facts(store).proxied
    store.close()


def test_a_licence_is_for_its_sections_and_its_class(licensee):
    licensee.sections.set([Section.objects.get(slug="world")])
    ours(1)
    ours(2, section=Section.objects.get(slug="markets"))
    premium = ours(3, access="premium")
    assert [item["headlines"][0]["value"] for item in items(licensee)] == ["Own report 1"]
    Licensee.objects.update(takes_premium=True)
    assert len(items(licensee)) == 2
    premium.section = Section.objects.get(slug="markets")
    premium.save_revision().publish()
    states = {item["pubStatus"] for item in items(licensee)}
    assert states == {"usable", "canceled"}


def test_an_embargo_is_kept_unless_the_licence_is_for_more(licensee):
    until = datetime.now(UTC) + timedelta(hours=2)
    article = ours(embargo_until=until)
    assert items(licensee) == []
    Licensee.objects.update(ahead_of_embargo=True)
    (item,) = items(licensee)
    assert datetime.fromisoformat(item["embargoedUntil"]) == until
    Licensee.objects.update(ahead_of_embargo=False)
    Taken.objects.all().delete()
    press.announce_due()
    with time_machine.travel(until + timedelta(seconds=1)):
        press.announce_due()
        assert [item["pubStatus"] for item in items(licensee)] == ["usable"]
    Article.objects.filter(pk=article.pk).update(wire_embargo_until=until + timedelta(days=1))
    Licensee.objects.update(ahead_of_embargo=True)
    assert [item["pubStatus"] for item in items(licensee)] == ["withheld"]


def test_an_expired_report_is_taken_back(licensee):
    article = ours()
    until = datetime.now(UTC) + timedelta(hours=2)
    article.expire_at = until
    article.save_revision().publish()
    (item,) = items(licensee)
    assert datetime.fromisoformat(item["expires"]) == until
    with time_machine.travel(until + timedelta(seconds=1)):
        assert [item["pubStatus"] for item in items(licensee)] == ["canceled"]


@pytest.mark.parametrize("authorization", [
    "", "Bearer", "Bearer ", "Bearer 1", "Bearer 1.x", "Basic 1.x", "Bearer 99999.x",
    "Bearer ².x", "Bearer 999999999999999999999.x", "Bearer " + "0" * 64,
])  # fmt: skip
def test_without_the_right_token_there_is_nothing(licensee, authorization):
    ours()
    fields = {"Authorization": authorization} if authorization.isascii() else {}
    answer = Client().get("/licensed/ninjs/", headers=fields)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Cache-Control"] == "private, no-store"
    assert b"Own report" not in answer.content


def test_a_token_is_kept_as_a_digest_and_the_last_one_counts(licensee):
    old = licensee.token
    row = Licensee.objects.get()
    assert row.token_digest == hashlib.sha256(old.encode()).hexdigest()
    new = actions.give_token(row)
    assert ask(licensee, token=old).status_code == 401
    assert ask(licensee, token=new).status_code == 200
    actions.revoke(row)
    assert ask(licensee, token=new).status_code == 401
    assert Licensee.objects.get().last_used_at is not None


def test_the_agreed_number_of_requests_a_minute_is_kept(licensee):
    Licensee.objects.update(per_minute=2)
    with time_machine.travel("2026-11-20T10:00:30Z", tick=False):
        assert [ask(licensee).status_code for _ in range(3)] == [200, 200, 429]
        assert 0 < int(ask(licensee)["Retry-After"]) <= 31
    with time_machine.travel("2026-11-20T10:01:00Z", tick=False):
        assert ask(licensee).status_code == 200


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "9" * 40, "99999"])
def test_a_number_that_cannot_be_is_refused_with_what_to_do(licensee, since):
    answer = ask(licensee, since)
    assert answer.status_code == 400
    assert b"since" in answer.content


def test_no_cache_keeps_the_answer_and_only_reading_is_allowed(licensee):
    answer = ask(licensee)
    assert answer["Cache-Control"] == "private, no-store"
    assert "Authorization" in answer["Vary"]
    assert Client().post("/licensed/ninjs/").status_code == 405
    assert Client().get("/licensed/nitf/").status_code == 404


def test_a_format_outside_the_licence_is_refused(licensee):
    Licensee.objects.update(takes_newsmlg2=False)
    assert ask(licensee, name="newsml-g2").status_code == 403
    assert ask(licensee).status_code == 200


def cost(licensee, at):
    with time_machine.travel(at, tick=False), CaptureQueriesContext(connection) as captured:
        assert items(licensee)
    return len(captured)


def test_an_answer_costs_the_same_with_many_reports(licensee):
    """All within one minute: the first request of a minute is counted with a query less."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    for number in range(3):
        ours(number, picture=photo(f"p{number}"))
    cost(licensee, tomorrow)
    few = cost(licensee, tomorrow)
    for number in range(3, 10):
        ours(number, picture=photo(f"p{number}"))
    items(licensee)
    assert cost(licensee, tomorrow) <= few


def test_numbers_are_never_set_back(paper):
    article = ours()
    actions.catch_up()
    first = Change.objects.get().number
    announce(Subject.ARTICLE, article.pk)
    assert actions.catch_up() == 1
    assert Change.objects.get().number > first
    assert actions.catch_up() == 0


@pytest.fixture
def publisher(paper):
    make_staff("pat@lantern.example", PASSWORD, publisher=True, name="Pat")
    client = Client()
    assert client.login(email="pat@lantern.example", password=PASSWORD)
    return client


def test_the_publisher_makes_a_licensee_and_sees_the_token_once(publisher):
    facts = {"name": "The Evening Post", "takes_ninjs": "on", "per_minute": "60"}
    answer = publisher.post("/desk/licensees/add/", facts)
    made = Licensee.objects.get()
    token = next(
        word for word in answer.content.decode().replace("<", " ").replace(">", " ").split()
        if word.startswith(f"{made.pk}.")
    )  # fmt: skip
    assert "no-store" in answer["Cache-Control"]
    assert ask(made, token=token).status_code == 200
    for address in ("/desk/licensees/", f"/desk/licensees/{made.pk}/"):
        page = publisher.get(address)
        assert page.status_code == 200
        assert token not in page.content.decode()
    publisher.post(f"/desk/licensees/{made.pk}/token/")
    assert ask(made, token=token).status_code == 401
    publisher.post(f"/desk/licensees/{made.pk}/revoke/")
    assert Licensee.objects.get().revoked_at


def test_the_desk_shows_what_was_taken(publisher, licensee):
    ours()
    items(licensee)
    page = publisher.get(f"/desk/licensees/{licensee.pk}/").content.decode()
    assert "Own report 1" in page
    assert "usable" in page


def test_a_licensee_without_a_format_is_refused(publisher):
    answer = publisher.post("/desk/licensees/add/", {"name": "X", "per_minute": "1"})
    assert not Licensee.objects.exists()
    assert "Choose a format" in answer.content.decode()


def test_editors_do_not_see_licensees(paper):
    ada()
    client = Client()
    assert client.login(email="ada@lantern.example", password=PASSWORD)
    for address in ("/desk/licensees/", "/desk/licensees/add/"):
        assert client.get(address).status_code in (302, 403)
    assert "/desk/licensees/" not in client.get("/desk/").content.decode()
