"""Bad input gets a clear error that says what to do, changes nothing, and loses nothing.

Through the real command, real servers on the loopback interface and the desk's own views.
"""

import gzip
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.config.cli import main
from broadsheet.desk.models import Article, Rule, Section
from broadsheet.kit.tests.loopback import redirect, reply, serving
from broadsheet.press import actions as press
from broadsheet.subscriptions.models import MeterPolicy
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, Version
from tests.cast import PASSWORD, ada, ninjs
from tests.surfaces import surfaces, where

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = (
    "<rss version='2.0'><channel><item><guid>urn:fog</guid><title>Fog at sea</title>"
    f"<description>{'The harbour is closed until noon. ' * 30}</description></item></channel></rss>"
)
BOMB = (
    "<!DOCTYPE rss [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '{f'&{a};' * 20}'>" for a, b in zip("abcdefg", "bcdefgh", strict=True))
    + "]><rss version='2.0'><channel><item><guid>x</guid><title>&h;</title></item></channel></rss>"
)


@pytest.fixture
def drop(paper, tmp_path):
    """A folder that the feed `drop` watches, whose reports publish themselves."""
    folder = tmp_path / "drop"
    folder.mkdir()
    options = ["--section", "world", "--publish", "--max-age", "none", "--source", "Quill"]
    assert main(["wire", "add", "drop", str(folder), *options]) == 0
    return folder


@pytest.fixture
def publisher(paper):
    user = User.objects.create_superuser("pia@lantern.example", PASSWORD)
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


def state():
    """What must not change."""
    return (
        list(Article.objects.order_by("pk").values_list("pk", "shown_headline", "live", "held")),
        list(Version.objects.values_list("pk", "content_hash")),
        list(Item.objects.values_list("pk", "status")),
    )


def fetched(capsys):
    code = main(["wire", "fetch"])
    return code, capsys.readouterr().out


def over_http(settings, server, path="/feed"):
    settings.ENV = SimpleNamespace(allow_hosts=(server.place,))
    options = ["--section", "world", "--publish", "--max-age", "none", "--source", "Quill"]
    assert main(["wire", "add", "net", server.url(path), *options]) == 0


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("notes.txt", b"This is not a feed at all.\x03", ""),
        ("cut.xml", b"<rss><chan", ""),
        ("page.xml", b"<!doctype html><html><body><p>Please log in</p></body></html>", "HTML"),
        ("empty.json", b"[]", ""),
        ("half.json", b'{"uri": "urn:x", "headline": "Ha', ""),
        ("bomb.xml", BOMB.encode(), "ntit"),
        ("newsml.xml", b"<newsItem xmlns='http://iptc.org/std/nar/2006-10-01/'/>", ""),
    ],
)
def test_an_unreadable_file_waits_in_quarantine(drop, capsys, name, data, word):
    (drop / "good.xml").write_text(GOOD)
    assert fetched(capsys)[0] == 0
    before, pages = state(), surfaces()
    (drop / name).write_bytes(data)
    _, said = fetched(capsys)
    fetch = Fetch.objects.get(name=name)
    assert fetch.outcome == Outcome.QUARANTINED
    assert word in fetch.problem
    assert fetch.problem.split(".")[0] in said
    assert "rejected 1" in said
    assert wire.blobs().get(fetch.blob) == data
    assert state() == before
    assert surfaces() == pages
    assert (drop / name).exists()


def test_an_unreadable_file_does_not_stop_the_ones_beside_it(drop, capsys):
    (drop / "a.xml").write_bytes(b"<rss><broken")
    (drop / "b.xml").write_text(GOOD)
    fetched(capsys)
    assert "/" in where("Fog at sea")


def test_an_entity_bomb_is_refused_at_once(drop, capsys):
    import time

    (drop / "bomb.xml").write_text(BOMB)
    started = time.process_time()
    fetched(capsys)
    assert time.process_time() - started < 5
    assert not Version.objects.exists()


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "klingon"])
def test_a_wrong_encoding_is_mended_or_held_and_no_word_is_lost(drop, capsys, declared):
    text = f'<?xml version="1.0" encoding="{declared}"?>' + GOOD.replace(
        "Fog", "Caf\xe9 \u2013 fog"
    )
    (drop / "feed.xml").write_bytes(text.encode("cp1252"))
    fetched(capsys)
    version = Version.objects.get()
    assert version.headline == "Caf\xe9 \u2013 fog at sea"
    assert Fetch.objects.get().repairs or declared == "us-ascii"


def test_bytes_that_are_no_text_in_any_encoding_never_publish_themselves(drop, capsys):
    broken = GOOD.replace("Fog", "F\ufffdg").encode()
    (drop / "feed.xml").write_bytes(broken)
    fetched(capsys)
    assert Version.objects.count() == 1
    assert not Article.objects.exists()


def test_a_file_of_fifty_megabytes_is_passed_over_and_left_where_it_is(drop, capsys):
    with (drop / "huge.xml").open("wb") as file:
        file.truncate(50 * 2**20)
    code, said = fetched(capsys)
    assert "huge.xml is over 15 MiB" in said
    assert (drop / "huge.xml").stat().st_size == 50 * 2**20
    assert code == 1
    (drop / "good.xml").write_text(GOOD)
    assert fetched(capsys)[0] == 0
    assert "/" in where("Fog at sea")


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_of_fifty_megabytes_is_cut_off(paper, settings, capsys, zipped):
    body = b"<rss>" + b" " * (50 * 2**20)
    more = {"Content_Encoding": "gzip"} if zipped else {}
    with serving(
        {"/feed": reply(200, gzip.compress(body, 1) if zipped else body, **more)}
    ) as server:
        over_http(settings, server)
        code, said = fetched(capsys)
    assert code == 1
    assert "MiB" in said or "large" in said
    assert not Version.objects.exists()
    assert Feed.objects.get().failures == 1


def test_a_login_page_instead_of_the_feed_removes_nothing(paper, settings, capsys):
    routes = {"/feed": reply(200, GOOD.encode(), Content_Type="application/rss+xml")}
    with serving(routes) as server:
        over_http(settings, server)
        fetched(capsys)
        before = state()
        routes["/feed"] = reply(200, b"<html><body>Log in</body></html>", ETag='"1"')
        _, said = fetched(capsys)
        assert "HTML" in said
        assert state() == before
        routes["/feed"] = reply(200, GOOD.replace("Fog", "Mist").encode())
        fetched(capsys)
    assert "/" in where("Mist at sea")


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:9/feed", "http://localhost:9/feed", "http://[::1]:9/feed",
        "http://10.0.0.1/feed", "http://169.254.169.254/latest", "http://2130706433/feed",
        "http://[::ffff:127.0.0.1]/feed", "http://0.0.0.0/feed", "http://0x7f.1/feed",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_before_anything_is_sent(paper, capsys, location):
    assert main(["wire", "add", "inner", location, "--publish", "--section", "world"]) == 0
    code, said = fetched(capsys)
    assert code == 1
    assert "only public addresses are fetched" in said
    assert "BROADSHEET_WIRE_ALLOW_HOSTS" in said
    assert not Item.objects.exists()


def test_a_redirect_to_a_private_address_is_refused(paper, settings, capsys):
    with serving({"/inner": reply(200, GOOD.encode())}) as inner:
        with serving({"/feed": redirect(inner.url("/inner"))}) as server:
            over_http(settings, server)
            code, _ = fetched(capsys)
        assert inner.asked == []
    assert code == 1
    assert not Item.objects.exists()


def test_a_redirect_loop_ends_with_a_sentence(paper, settings, capsys):
    with serving({"/feed": redirect("/there"), "/there": redirect("/feed")}) as server:
        over_http(settings, server)
        code, said = fetched(capsys)
        assert len(server.asked) < 12
    assert code == 1
    assert "redirect" in said.lower()


@pytest.mark.parametrize(
    "options",
    [
        ["world", "gopher://a.example/"],
        ["wo rld", "/tmp"],
        ["world", "/tmp", "--max-age", "soon"],
        ["world", "/tmp", "--max-age=-1h"],
        ["world", "/tmp", "--format", "newsml"],
        ["world", "/tmp", "--zone", "Asia/Atlantis"],
        ["world", "/tmp", "--section", "search"],
        ["world", "/tmp", "--section", "Two Words"],
    ],
)
def test_a_feed_that_cannot_be_is_not_added(paper, capsys, options):
    sections = Section.objects.count()
    assert main(["wire", "add", *options]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.rstrip().endswith(".") for line in said)
    assert not Feed.objects.exists()
    assert not Rule.objects.exists()
    assert Section.objects.count() == sections


def test_an_unknown_feed_is_said_to_be_unknown(paper, capsys):
    assert main(["wire", "fetch", "nowhere"]) == 2
    assert "wire list" in capsys.readouterr().err


METER = {
    "free_anonymous": "4",
    "free_registered": "6",
    "period": "month",
    "days": "30",
    "budget": "300",
}


@pytest.mark.parametrize("name", ["free_anonymous", "free_registered", "days", "budget"])
@pytest.mark.parametrize("value", ["-1", "many", "", "1.5", "99999999999999999999"])
def test_a_meter_limit_that_is_none_is_refused_in_the_desk(publisher, name, value):
    policy = MeterPolicy.load()
    address = reverse("wagtailsettings:edit", args=["subscriptions", "meterpolicy", policy.pk])
    posted = METER | {"invitation": ""}
    answer = publisher.post(address, posted | {name: value})
    assert name in answer.context["form"].errors
    policy.refresh_from_db()
    assert (policy.free_anonymous, policy.free_registered) == (3, 5)


@pytest.mark.parametrize(
    "name", ["BROADSHEET_FREE_ARTICLES", "BROADSHEET_FREE_ARTICLES_REGISTERED"]
)
def test_a_meter_limit_that_is_none_is_refused_in_the_environment(
    monkeypatch, capsys, tmp_path, name
):
    monkeypatch.setenv(name, "-1")
    assert main(["init", str(tmp_path / "new")]) == 2
    assert f"{name} is '-1'." in capsys.readouterr().err
    assert not (tmp_path / "new" / "var").exists()


@pytest.mark.parametrize("text", ["{{ fre_limit }}", "{{free_limit", "{% now %}"])
def test_an_unknown_token_in_the_wall_is_refused_in_the_desk(publisher, text):
    press.press_everything()
    policy = MeterPolicy.load()
    address = reverse("wagtailsettings:edit", args=["subscriptions", "meterpolicy", policy.pk])
    posted = METER | {"invitation": f"Join: {text}"}
    answer = publisher.post(address, posted)
    assert "free_limit" in str(answer.context["form"].errors["invitation"]) or "stray" in str(
        answer.context["form"].errors["invitation"]
    )
    assert MeterPolicy.load().free_anonymous == 3
    assert (
        publisher.post(address, posted | {"invitation": "{{ free_limit }} a month"}).status_code
        == 302
    )
    assert MeterPolicy.load().invitation == "{{ free_limit }} a month"


def test_a_wire_text_with_a_placeholder_is_held_with_its_reason(drop, capsys):
    (drop / "item.json").write_bytes(ninjs(headline="You have {{free_limit}} articles left"))
    fetched(capsys)
    assert not Article.objects.exists()
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=ada().email, password=PASSWORD)
    assert "template marks" in client.get(reverse("desk_incoming")).content.decode()
    assert where("free_limit") == set()


def test_a_file_in_quarantine_is_shown_and_read_again_from_the_desk(drop, capsys):
    Feed.objects.update(format="atom")
    (drop / "good.xml").write_text(GOOD)
    fetched(capsys)
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=ada().email, password=PASSWORD)
    assert "good.xml" in client.get(reverse("desk_queue", args=["quarantine"])).content.decode()
    Feed.objects.update(format="auto")
    client.post(reverse("desk_replay", args=[Fetch.objects.get().pk]))
    press.catch_up()
    assert "/" in where("Fog at sea")
    assert "good.xml" not in client.get(reverse("desk_queue", args=["quarantine"])).content.decode()
