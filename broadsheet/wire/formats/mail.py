"""A mail as a report (RFC 5322): subject, sender and text become headline, byline and body."""

import re
from hashlib import sha256

from broadsheet.kit.html import from_text
from broadsheet.kit.mail import MAIL, attached, read_mail
from broadsheet.wire.formats.charset import decode
from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.parsed import Draft, Parsed, ParsedPicture, Reading, UnreadableError

_SIGNATURE = re.compile(r"(?:^|\n)-- ?\n")


def is_mail(content_type: str | None) -> bool:
    """Whether the bytes are stated to be a mail."""
    return (content_type or "").partition(";")[0].strip().lower() == MAIL


def read(data: bytes, reading: Reading) -> Parsed:
    """Read one mail. Raises UnreadableError for bytes without the header of a mail."""
    mail = read_mail(data)
    if mail.get("from") is None and mail.get("subject") is None:
        raise UnreadableError("This is no mail: it has no sender and no subject. Look at it.")
    entries = finish_all([data], lambda one: _draft(one, reading), reading)
    return Parsed("mail", entries, repairs=tuple(reading.repairs), problems=tuple(reading.problems))


def _draft(data: bytes, reading: Reading) -> Draft:
    """The text as it was written rather than its HTML; what stands below the signature mark
    ("-- ", RFC 3676, 4.3) is for editors only.
    """
    mail = read_mail(data)
    body = mail.get_body(("plain", "html"))
    text, signature = "", ""
    if body is not None:
        payload = body.get_payload(decode=True)
        charset = body.get_content_charset("")
        stated = f"text/plain; charset={charset}" if charset else None
        text = decode(payload if isinstance(payload, bytes) else b"", stated, reading)
        if body.get_content_subtype() == "plain":
            text, _, signature = _divided(text)
            text = from_text(text)
    return Draft(
        key=str(mail.get("message-id") or "").strip(" <>"),
        headline=str(mail.get("subject") or ""),
        body=text,
        authors=[_from(str(mail.get("from") or ""))],
        ednote=signature,
        published=read_date(str(mail.get("date") or ""), reading.zone),
        pictures=_pictures(data),
    )


def _divided(text: str) -> tuple[str, str, str]:
    text = text.replace("\r\n", "\n")
    found = _SIGNATURE.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _from(stated: str) -> str:
    """The name before the address, else what stands before the @ sign's domain."""
    name, _, address = stated.rpartition("<")
    return name.strip(' "') or address.strip("> ").partition("@")[0]


def _pictures(data: bytes) -> list[ParsedPicture]:
    """Named like files beside the report, in a folder of this mail alone; the desk takes them out
    of the stored mail.
    """
    mail = read_mail(data)
    sign = str(mail.get("message-id") or "").encode("utf-8", "replace") or data
    folder = sha256(sign).hexdigest()[:16]
    return [
        ParsedPicture(url=f"{folder}/{part.name}", caption=part.caption, mime=part.content_type)
        for part in attached(mail)
        if part.content_type.startswith("image/")
    ]
