"""Mail leaves through a table: written with the change that causes it, sent once by the worker."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import formataddr, parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import F, Q
from django.utils import timezone, translation

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.backoff import backoff
from broadsheet.look.parts import PaperView
from broadsheet.look.strict import render

TRIES = 24
"""About five days."""
LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
KEEP = timedelta(days=90)
"""Mail is kept for so long, to answer readers who ask after it; nobody waits for older mail."""

COLUMNS = 76
"""Where lines of the text part are broken (RFC 5322, 2.1.1 recommends at most 78)."""


def queue(to: str, name: str, context: Mapping[str, Any], *, paper: PaperView) -> Mail:
    """Write a mail in the paper's language, zone and look into the outbox; nothing is sent here.

    `name` is a path such as "accounts/mail/login_code": the templates `<name>.subject.txt`,
    `<name>.txt` and `<name>.html` get the names of `context`, `paper`, and (the latter two)
    `subject`. The row belongs to the present transaction: no change, no mail.

    Raises UnknownName when a template asks for a name that was not given.
    """
    names = {**context, "paper": paper}
    with translation.override(paper.language), timezone.override(ZoneInfo(paper.zone)):
        subject = " ".join(render(f"{name}.subject.txt", names).split())
        names["subject"] = subject
        text = plain(render(f"{name}.txt", names))
        html = render(f"{name}.html", names).strip() + "\n"
    return Mail.objects.create(
        to=to, sender=sender(paper), subject=subject[:400], text=text, html=html
    )


def sender(paper: PaperView) -> str:
    """The paper's address under the paper's name, unless the setting brings a name of its own."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join((name or paper.name).split()), address))


def plain(text: str) -> str:
    """Break long lines, and leave one empty line where a template leaves several."""
    lines = [_broken(line.rstrip()) for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).replace("\n--\n", "\n-- \n") + "\n"


def _broken(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    pieces = textwrap.wrap(
        line, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(pieces)


class OutboxBackend(BaseEmailBackend):
    """Django's mail interface onto the outbox."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue one row for each addressee."""
        rows = [row for message in email_messages for row in _rows(message)]
        Mail.objects.bulk_create(rows)
        return len(email_messages)


def _rows(message: EmailMessage) -> list[Mail]:
    parts = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    html = next((str(part[0]) for part in parts if part[1] == "text/html"), "")
    return [
        Mail(
            to=to,
            sender=message.from_email,
            subject=str(message.subject),
            text=str(message.body),
            html=html,
        )
        for to in message.recipients()
    ]


def send_due() -> int:
    """Send what waits, each mail claimed by a conditional update; returns how many left.

    Without BROADSHEET_MAIL_URL nothing is sent, and all of it waits (`KEEP`).
    """
    if not settings.EMAIL_HOST:
        return 0
    sent = 0
    waiting = Mail.objects.filter(sent_at=None, tries__lt=TRIES)
    for mail in waiting.order_by(F("claimed_at").asc(nulls_first=True), "id")[:50]:
        if _claim(mail):
            sent += _send(mail)
    return sent


def forget_old() -> int:
    """Delete mail that was written a quarter of a year ago, sent or not; returns how many."""
    return Mail.objects.filter(queued_at__lt=clock.now() - KEEP).delete()[0]


def _pause(tries: int) -> timedelta:
    """How long after a try the next one comes: 5 minutes at first, six hours at most."""
    first, longest = LEASE.total_seconds(), LONGEST_PAUSE.total_seconds()
    return timedelta(seconds=backoff(max(1, tries), first=first, longest=longest))


def _claim(mail: Mail) -> bool:
    now = clock.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - _pause(mail.tries))
    waiting = Mail.objects.filter(free, pk=mail.pk, sent_at=None)
    return bool(waiting.update(claimed_at=now, tries=mail.tries + 1))


def as_message(mail: Mail) -> EmailMultiAlternatives:
    """A row as it leaves; sent twice it has the same Message-ID."""
    message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, [mail.to])
    domain = parseaddr(mail.sender)[1].rpartition("@")[2]
    message.extra_headers["Message-ID"] = f"<broadsheet-{mail.pk}@{domain}>"
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _send(mail: Mail) -> int:
    try:
        EmailBackend(timeout=20).send_messages([as_message(mail)])
    except OSError as error:
        Mail.objects.filter(pk=mail.pk).update(problem=str(error)[:400])
        return 0
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now(), problem="")
    return 1
