"""Mail taken apart (RFC 5322, MIME): who sent it, its text, what is attached to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

MAIL = "message/rfc822"
LARGEST_PICTURE = 20 * 2**20
_MOST_PARTS = 200
_DOCUMENTS = frozenset({".xml", ".rss", ".atom", ".json", ".nitf", ".newsml", ".iptc", ".anpa"})


@dataclass(frozen=True, slots=True)
class Part:
    """Something attached: its name is unique in its mail; `caption` is what the mail says of it."""

    name: str
    content_type: str
    data: bytes
    caption: str = ""


def read_mail(data: bytes) -> EmailMessage:
    """The mail in these bytes. Defects are passed over, as mail programs do."""
    return message_from_bytes(data, policy=policy.default)


def sender_of(head: bytes) -> str:
    """The address in From, in lower case; "" when there is none, or more than one."""
    try:
        stated = read_mail(head).get_all("from") or []
        addresses = [address.addr_spec for field in stated for address in field.addresses]
    except Exception:
        # Python's reader of headers gives up in many ways on what nobody would write.
        return ""
    return addresses[0].lower() if len(addresses) == 1 else ""


def documents(data: bytes) -> list[tuple[str, bytes, str]]:
    """Name, bytes and content type of each document that is attached; of a mail without any, the
    mail itself.
    """
    try:
        mail = read_mail(data)
        name = " ".join(str(mail.get("message-id") or mail.get("subject") or "mail").split())[:300]
        found = [part for part in attached(mail) if is_document(part)]
    except Exception:
        return [("mail", data, MAIL)]
    if not found:
        return [(name, data, MAIL)]
    return [(f"{name} {part.name}", part.data, part.content_type) for part in found]


def is_document(part: Part) -> bool:
    """Whether a feed or an agency's document is attached here, by its type or its name."""
    kind = part.content_type.partition(";")[0]
    is_feed = kind.endswith(("+xml", "+json", "/xml", "/json")) and not kind.startswith("image/")
    return is_feed or os.path.splitext(part.name)[1].lower() in _DOCUMENTS


def attached(mail: EmailMessage) -> Iterator[Part]:
    """Everything but the mail's own text, each under a name of its own."""
    taken: set[str] = set()
    body = mail.get_body(("plain", "html"))
    for number, part in enumerate(mail.walk()):
        if number > _MOST_PARTS:
            return
        kind = part.get_content_type()
        if part.is_multipart() or part is body or _is_text(part):
            continue
        name = _name(part, number)
        name = name if name not in taken else f"{number}-{name}"
        taken.add(name)
        data = part.get_payload(decode=True)
        caption = " ".join(str(part.get("content-description") or "").split())
        yield Part(name, kind, data if isinstance(data, bytes) else b"", caption)


def picture_in(data: bytes, name: str) -> bytes | None:
    """The picture of this name in a mail, up to 20 MiB; None when there is none."""
    for part in attached(read_mail(data)):
        if part.name == name and part.content_type.startswith("image/"):
            return part.data if len(part.data) <= LARGEST_PICTURE else None
    return None


def _is_text(part: Message) -> bool:
    """The same text in another form, or a further piece of it; not a file of text."""
    is_prose = part.get_content_type() in ("text/plain", "text/html")
    return is_prose and not part.get_filename()


def _name(part: Message, number: int) -> str:
    """The file name the sender gave, without any folder; else one made of the type."""
    stated = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in stated if sign.isprintable() and sign not in '?#%:"<>|')[-100:]
    return name.strip(" .") or f"part-{number}.{part.get_content_subtype()}"
