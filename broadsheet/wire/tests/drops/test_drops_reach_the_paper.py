"""From a server's folder, a mailbox and `wire add` to items and articles."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from broadsheet.config import wire_commands
from broadsheet.config.cli import _parser
from broadsheet.desk import actions as desk
from broadsheet.desk.models import Article, Intake, Rule
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions, checks
from broadsheet.wire.beside import picture_beside
from broadsheet.wire.models import Feed, Fetch, Item, Outcome, PushAddress, Version
from broadsheet.wire.tests.drops.mailbox import imap_serving
from broadsheet.wire.tests.drops.servers import PASSWORD, USER, sftp_serving
from broadsheet.wire.tests.drops.test_mailbox import mail
from broadsheet.wire.transports.folder import PictureRefused
from tests.cast import ninjs

pytestmark = pytest.mark.django_db
AS_WIRE = ("--auth", f"basic:{USER}", "--secret", "hill")
SIGNED_IN = ("--auth", "basic:u", "--secret", "s")
LONG = "The ferry from the north pier left an hour late, because the captain waited. " * 8


def wire(*words: str) -> int:
    options = _parser().parse_args(["wire", *words])
    options.started = datetime.now(UTC)
    return wire_commands.run(options)


def add(location: str, *more: str, name: str = "hill") -> Feed:
    wire("add", name, location, "--section", "world", "--publish", "--max-age", "none", *more)
    return Feed.objects.get(name=name)


@pytest.fixture
def secrets(settings):
    def allow(place: object) -> None:
        settings.ENV = replace(
            settings.ENV,
            wire_secrets=f"# of the agencies\nhill = {PASSWORD}\n",
            wire_allow_hosts=",".join(place.listed),
        )

    return allow


@pytest.fixture
def drop(paper, tmp_path, secrets):
    folder = tmp_path / "srv" / "out"
    folder.mkdir(parents=True)
    with sftp_serving(folder.parent) as place:
        secrets(place)
        yield SimpleNamespace(folder=folder, place=place)


def test_case_09_a_bad_file_goes_to_quarantine_and_the_rest_go_on(drop, capsys):
    (drop.folder / "a.json").write_bytes(ninjs("urn:quill:1"))
    (drop.folder / "b.json").write_bytes(b'{"neither": "feed"}')
    (drop.folder / "c.json").write_bytes(ninjs("urn:quill:2"))
    feed = add(drop.place.url("/out"), "--auth", f"basic:{USER}", "--secret", "hill")
    assert wire("fetch", "hill") == 1
    shown = capsys.readouterr().out
    assert drop.place.fingerprint in shown
    assert not Item.objects.exists()
    assert wire("trust", "hill", drop.place.fingerprint) == 0
    assert wire("fetch", "hill") == 0
    assert Article.objects.count() == 2
    assert Fetch.objects.filter(outcome=Outcome.QUARANTINED).get().name == "b.json"
    (drop.folder / "a.json").write_bytes(ninjs("urn:quill:1"))
    assert wire("fetch", "hill") == 0
    assert Version.objects.count() == 2
    assert PASSWORD not in capsys.readouterr().out + str(Feed.objects.values().get(pk=feed.pk))


def test_a_secret_that_is_not_set_is_named(drop, settings, capsys):
    with pytest.raises(Refusal, match="no secret 'other'"):
        add(drop.place.url("/out"), "--auth", f"basic:{USER}", "--secret", "other")
    add(drop.place.url("/out"), "--auth", f"basic:{USER}", "--secret", "hill")
    Feed.objects.update(secret="other")
    assert wire("fetch", "hill") == 1
    assert "The secret 'other' is not set" in capsys.readouterr().out
    assert any("secret 'other'" in text for text, _ in checks.complaints())


@pytest.fixture
def mailbox(paper, trusted, secrets):
    with imap_serving(trusted) as running:
        secrets(running)
        yield running


def test_mail_never_publishes_itself_unless_the_publisher_says_so(mailbox):
    signed_in = ("--auth", f"basic:{USER}", "--secret", "hill", "--sender", "desk@hill.example")
    feed = add(mailbox.url(), *signed_in)
    mailbox.deliver(mail(text=LONG), mail("Spam", "eve@evil.example"))
    wire("fetch", "hill")
    intake = Intake.objects.get()
    assert intake.outcome == Intake.Outcome.HELD
    assert any("mail" in reason for reason in intake.reasons)
    assert Item.objects.get().latest.fields["byline"] == "Hill Desk"
    feed.refresh_from_db()
    assert feed.ignored == 1
    Feed.objects.update(mail_publishes=True)
    mailbox.deliver(mail("Rain", text=LONG.replace("ferry", "rain")))
    wire("fetch", "hill")
    assert Article.objects.get().full_headline == "Rain"
    assert Item.objects.count() == 2


def test_what_is_attached_to_a_mail_is_not_trusted_more_than_the_mail(mailbox):
    add(mailbox.url(), "--auth", f"basic:{USER}", "--secret", "hill", "--sender", "@hill.example")
    message = mail()
    message.add_attachment(ninjs(), maintype="application", subtype="json", filename="a.json")
    mailbox.deliver(message)
    wire("fetch", "hill")
    assert Item.objects.get().key == "urn:quill:1"
    assert not Article.objects.exists()
    fetch = Fetch.objects.get()
    assert fetch.name.endswith("a.json")
    actions.replay(fetch)
    assert "by-mail" in Version.objects.get().flags


def test_a_picture_is_taken_out_of_the_mail_it_came_with(mailbox):
    add(mailbox.url(), *AS_WIRE, "--sender", "@hill.example")
    first, second = mail(text=LONG), mail("Rain", text=LONG)
    for message, data in ((first, b"\x89PNG one"), (second, b"\x89PNG two")):
        message.add_attachment(data, maintype="image", subtype="png", filename="pier.png")
    mailbox.deliver(first, second)
    wire("fetch", "hill")
    versions = Version.objects.order_by("sequence")
    names = [version.fields["pictures"][0]["url"] for version in versions]
    assert names[0] != names[1]
    taken = [picture_beside(v.fetch, name) for v, name in zip(versions, names, strict=True)]
    assert taken == [b"\x89PNG one", b"\x89PNG two"]
    with pytest.raises(PictureRefused, match="no picture"):
        picture_beside(versions[0].fetch, "x/other.png")


@pytest.mark.parametrize(
    ("location", "more", "says"),
    [
        ("ftp:///out", (), "names no host"),
        ("sftp://wire:pw@hill.example/", (), "user or password stands in the address"),
        ("sftp://hill.example/", (), "nobody in without a name"),
        ("sftp://hill.example/", ("--auth", "basic:wire"), "--secret"),
        ("sftp://hill.example/", ("--auth", "bearer", "--secret", "s"), "name and password"),
        ("imaps://hill.example/", SIGNED_IN, "whose mail"),
        ("imaps://hill.example/", (*SIGNED_IN, "--sender", "me"), "in each line"),
        ("imap://hill.example/", (), "no location"),
        ("gopher://hill.example/", (), "no location"),
        ("push:somewhere", (), "nothing behind it"),
        ("ftp://hill.example:0/", (), "names no host"),
    ],
)
def test_a_location_that_cannot_be_is_refused_and_nothing_is_added(
    paper, settings, location, more, says
):
    settings.ENV = replace(settings.ENV, wire_secrets="s = t")
    with pytest.raises(Refusal, match=says) as refusal:
        add(location, *more)
    assert "pw" not in str(refusal.value)
    assert not Feed.objects.exists()
    assert not Rule.objects.exists()


def test_the_form_refuses_the_same(paper):
    feed = actions.add_feed("hill", "ftp://hill.example/")
    for change in (
        {"location": "imaps://hill.example/"},
        {"location": "sftp://hill.example/", "host_key": "aa:bb", "auth": "basic", "secret": "s"},
        {"location": "ftp://hill.example/", "auth": "bearer", "secret": "s"},
        {"location": "ftp://a:b@hill.example/"},
        {"auth": "basic"},
    ):
        for name, value in change.items():
            setattr(feed, name, value)
        with pytest.raises(ValidationError):
            feed.clean()
        feed.refresh_from_db()


def test_a_pushed_feed_is_told_its_address_and_secret_once(paper, settings, capsys):
    settings.ORIGIN = "https://paper.example"
    feed = add("push:", name="wave")
    shown = capsys.readouterr().out
    assert f"https://paper.example/webhooks/wire/push/{feed.push_address.token}/" in shown
    assert wire("rotate", "wave") == 0
    assert PushAddress.objects.count() == 1
    assert capsys.readouterr().out.splitlines()[1] != shown.splitlines()[2]
    wire("list")
    listed = capsys.readouterr().out
    assert "signed with" not in listed
    assert not list(checks.complaints())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rotate", "nobody"), "There is no feed"),
        (("rotate", "hill"), "not pushed"),
        (("trust", "hill", "SHA256:" + "a" * 43), "not fetched by SFTP"),
        (("trust", "sea", "aa:bb:cc"), "no fingerprint"),
    ],
)
def test_a_verb_for_another_kind_of_feed_is_refused(paper, words, says):
    actions.add_feed("hill", "ftp://hill.example/")
    actions.add_feed("sea", "sftp://sea.example/")
    with pytest.raises(Refusal, match=says):
        wire(*words)


def test_case_19_one_report_by_server_and_by_mail_is_one_item_that_arrived_twice(
    drop, trusted, settings
):
    (drop.folder / "a.json").write_bytes(ninjs())
    add(drop.place.url("/out"), "--auth", f"basic:{USER}", "--secret", "hill", "--source", "Hill")
    wire("trust", "hill", drop.place.fingerprint)
    with imap_serving(trusted) as mailbox:
        settings.ENV = replace(
            settings.ENV, wire_allow_hosts=",".join((*drop.place.listed, *mailbox.listed))
        )
        signed_in = ("--auth", f"basic:{USER}", "--secret", "hill", "--sender", "@hill.example")
        add(mailbox.url(), *signed_in, "--source", "Hill", name="hill-mail")
        message = mail()
        message.add_attachment(ninjs(), maintype="application", subtype="json", filename="a.json")
        mailbox.deliver(message)
        wire("fetch")
    assert Item.objects.get().versions.count() == 1
    assert Fetch.objects.filter(outcome=Outcome.TAKEN).count() == 2
    assert Article.objects.count() == 1
    desk.catch_up()
    assert Article.objects.count() == 1
