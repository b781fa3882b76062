"""Subject, sender and text of a mail become headline, byline and body."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.kit.mail import documents, picture_in, sender_of
from broadsheet.wire.formats import Entry, Parsed, parse

TEXT = """The ferry from the north pier left an hour late on Sunday, because the
captain waited for the tide.

"We could not do otherwise," she said.
-- 
Hill Agency, night desk, +00 555 0100
"""


def mail(text: str = TEXT, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = headers.get("sender", "Ann Vane <desk@hill.example>")
    message["Subject"] = headers.get("subject", "Ferry late")
    message["Message-ID"] = "<1@hill.example>"
    message["Date"] = "Sun, 22 Nov 2026 06:00:00 +0530"
    message.set_content(text, charset=headers.get("charset", "utf-8"))
    return message


def read(message: EmailMessage | bytes) -> Parsed:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return parse(data, content_type="message/rfc822")


def entry(message: EmailMessage | bytes) -> Entry:
    (found,) = read(message).entries
    return found


def test_a_plain_mail_is_a_report():
    found = entry(mail())
    assert (found.id, found.title, found.authors) == ("1@hill.example", "Ferry late", ("Ann Vane",))
    assert found.body_html.startswith("<p>The ferry from the north pier left an hour late")
    assert found.body_html.count("<p>") == 2
    assert "night desk" not in found.body_html
    assert "night desk" in found.ednote
    assert found.published is not None
    assert found.published.isoformat() == "2026-11-22T06:00:00+05:30"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "utf-16"])
def test_every_charset_and_encoding_of_mail_is_read(charset):
    found = entry(mail("Das Café zahlt 5 € für Öl.\n", subject="Öl für 5 €", charset=charset))
    assert found.title == "Öl für 5 €"
    assert "Das Café zahlt 5 € für Öl." in found.body_html


def test_a_mail_that_names_a_wrong_or_unknown_charset_keeps_every_word():
    data = mail("Cafe", charset="us-ascii").as_bytes()
    assert "Café" in entry(data.replace(b"Cafe", "Café".encode())).body_html
    unknown = data.replace(b"us-ascii", b"x-nowhere").replace(b"Cafe", "Café".encode())
    assert "Café" in entry(unknown).body_html


def test_html_alone_is_made_safe():
    message = mail()
    message.set_content("<p onclick=x>Late<script>x</script></p><form>a</form>", subtype="html")
    assert entry(message).body_html.startswith("<p>Late</p>")
    assert "onclick" not in entry(message).body_html


def test_the_text_is_taken_rather_than_its_html():
    message = mail("As it was written.")
    message.add_alternative("<p>As it was laid out.</p>", subtype="html")
    assert "As it was written." in entry(message).body_html
    assert "laid out" not in entry(message).body_html


def test_pictures_keep_their_captions_and_can_be_taken_out_of_the_mail():
    message = mail()
    for name in ("pier.png", "pier.png"):
        message.add_attachment(b"\x89PNG" + name.encode(), maintype="image", subtype="png",
                               filename=name)  # fmt: skip
    part = next(iter(message.iter_attachments()))
    part["Content-Description"] = "The pier at dawn"
    first, second = entry(message).pictures
    assert first.url.endswith("/pier.png")
    assert (first.caption, second.caption) == ("The pier at dawn", "")
    assert first.url != second.url
    name = second.url.rpartition("/")[2]
    assert picture_in(message.as_bytes(), name) == b"\x89PNGpier.png"
    assert picture_in(message.as_bytes(), "../../etc/passwd") is None


def test_codes_in_the_subject_are_read_like_everywhere():
    assert entry(mail(subject="TEST - please ignore")).kind == "test"
    assert entry(mail(subject="CORRECTED: Ferry late")).signal == "correction"


@pytest.mark.parametrize("data", [b"", b"no mail at all", b"\0" * 50])
def test_what_is_no_mail_waits_with_a_reason(data):
    assert "no mail" in read(data).problems[0]


@given(st.binary(max_size=400))
def test_no_bytes_stop_the_reading(data):
    read(data)
    read(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n" + data)
    assert documents(data)
    sender_of(b"From: " + data)
