"""A mailbox is read by UID, of known senders only, and nothing in it is changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from broadsheet.wire.tests.drops.mailbox import PASSWORD, USER, Mailbox, imap_serving
from broadsheet.wire.transports import Collected, FeedState, imap
from broadsheet.wire.transports.base import Credential

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SENDERS = frozenset({"desk@hill.example", "@quill.example"})


@pytest.fixture
def mailbox(trusted: Path) -> Iterator[Mailbox]:
    with imap_serving(trusted) as running:
        yield running


def mail(
    subject: str = "Ferry late", sender: str = "Hill Desk <desk@hill.example>", text: str = "Late."
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "wire@paper.example", subject
    message["Message-ID"] = f"<{subject.replace(' ', '-').encode().hex()}@hill.example>"
    message["Date"] = "Sun, 22 Nov 2026 06:00:00 +0100"
    message.set_content(text)
    return message


def look(mailbox: Mailbox, state: FeedState | None = None, **more: str) -> Collected:
    state = FeedState.from_json((state or FeedState()).to_json())
    return imap.collect(
        mailbox.url(more.get("folder", "")),
        replace(state, senders=SENDERS),
        allow_hosts=mailbox.listed,
        now=NOW,
        credential=Credential("basic", USER, more.get("password", PASSWORD)),
    )


def test_each_mail_arrives_once(mailbox):
    mailbox.deliver(mail(), mail("Tides", "Ann <ann@QUILL.example>"))
    first = look(mailbox)
    assert first.problem == ""
    assert [arrival.content_type for arrival in first.arrivals] == ["message/rfc822"] * 2
    assert b"Subject: Ferry late" in first.arrivals[0].data
    again = look(mailbox, first.state)
    assert again.unchanged
    mailbox.deliver(mail("Rain"))
    third = look(mailbox, again.state)
    assert [b"Subject: Rain" in arrival.data for arrival in third.arrivals] == [True]


def test_nothing_in_the_mailbox_is_changed_and_reading_it_elsewhere_hides_nothing(mailbox):
    mailbox.deliver(mail())
    with mailbox.opened() as program:
        program.select("INBOX")
        program.store("1", "+FLAGS", "\\Seen")
    assert len(look(mailbox).arrivals) == 1
    mailbox.deliver(mail("Rain"))
    look(mailbox)
    with mailbox.opened() as program:
        program.select("INBOX", readonly=True)
        assert program.search(None, "UNSEEN")[1] == [b"2"]


@pytest.mark.parametrize(
    "sender",
    ["Eve <eve@evil.example>", "desk@hill.example.evil.example", "desk@hill.example, eve@x.example",
     '"desk@hill.example" <eve@evil.example>', "Undisclosed"],
)  # fmt: skip
def test_mail_of_others_is_left_alone_and_counted(mailbox, sender):
    mailbox.deliver(mail().as_bytes().replace(b"Hill Desk <desk@hill.example>", sender.encode()))
    outcome = look(mailbox)
    assert (outcome.arrivals, outcome.ignored, outcome.problem) == ((), 1, "")
    assert look(mailbox, outcome.state).ignored == 0


def test_attached_documents_arrive_instead_of_the_mail(mailbox):
    message = mail()
    message.add_attachment(b"<rss/>", maintype="application", subtype="rss+xml", filename="a.rss")
    message.add_attachment(
        b"{}", maintype="application", subtype="octet-stream", filename="../b.json"
    )
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="c.png")
    mailbox.deliver(message)
    first, second = look(mailbox).arrivals
    assert (first.data, first.content_type) == (b"<rss/>", "application/rss+xml")
    assert first.name.endswith(" a.rss")
    assert (second.data, second.name.rpartition(" ")[2]) == (b"{}", "b.json")


def test_more_than_fits_comes_by_and_by(mailbox, monkeypatch):
    monkeypatch.setattr(imap, "MOST_MAILS", 2)
    mailbox.deliver(*(mail(f"Report {number}") for number in range(5)))
    state, taken = FeedState(), 0
    for _ in range(3):
        outcome = look(mailbox, state)
        state, taken = outcome.state, taken + len(outcome.arrivals)
        assert (outcome.again_at == NOW) is (taken < 5)
    assert taken == 5


def test_another_uidvalidity_makes_the_mailbox_new(mailbox):
    mailbox.deliver(mail())
    state = look(mailbox).state
    assert len(look(mailbox, replace(state, read_to="1:900")).arrivals) == 1


def test_a_folder_is_named_by_the_path_in_any_language(mailbox):
    with mailbox.opened() as program:
        program.create('"Eing&AOQ-nge/Wire &- more"')
    mailbox.deliver(mail(), folder='"Eing&AOQ-nge/Wire &- more"')
    assert len(look(mailbox, folder="Eing%C3%A4nge/Wire%20&%20more").arrivals) == 1
    assert "does not open the folder 'Elsewhere'" in look(mailbox, folder="Elsewhere").problem


def test_a_mail_too_large_is_told_and_the_rest_go_on(mailbox, monkeypatch):
    monkeypatch.setattr(imap, "LARGEST_ARRIVAL", 2000)
    mailbox.deliver(mail(text="x" * 70 + "\n" * 3000), mail("Rain"))
    outcome = look(mailbox)
    assert "over 15 MiB" in outcome.problem
    assert len(outcome.arrivals) == 1
    assert look(mailbox, outcome.state).problem == ""


def test_a_wrong_password_is_told_without_it(mailbox):
    outcome = look(mailbox, password="guess again")
    assert "check the user and the secret" in outcome.problem
    assert "guess again" not in outcome.problem


def test_private_addresses_and_unknown_certificates_are_refused(trusted, mailbox, monkeypatch):
    outcome = imap.collect(
        mailbox.url(), FeedState(), allow_hosts=(), now=NOW,
        credential=Credential("basic", USER, PASSWORD),
    )  # fmt: skip
    assert "BROADSHEET_WIRE_ALLOW_HOSTS" in outcome.problem
    imap.trust.cache_clear()
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate of localhost" in look(mailbox).problem
