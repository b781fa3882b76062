"""Mail leaves through a table: written with the change that causes it, sent once by the worker."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db.models import Q

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock

TRIES = 8
LEASE = timedelta(minutes=5)


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

    Without BROADSHEET_MAIL_URL nothing is sent and nothing is lost.
    """
    if not settings.EMAIL_HOST:
        return 0
    sent = 0
    for mail in Mail.objects.filter(sent_at=None, tries__lt=TRIES).order_by("id")[:50]:
        if _claim(mail):
            sent += _send(mail)
    return sent


def _claim(mail: Mail) -> bool:
    now = clock.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - LEASE)
    waiting = Mail.objects.filter(free, pk=mail.pk, sent_at=None)
    return bool(waiting.update(claimed_at=now, tries=mail.tries + 1))


def _send(mail: Mail) -> int:
    message = EmailMultiAlternatives(mail.subject, mail.text, mail.sender, [mail.to])
    message.extra_headers["Message-ID"] = f"<broadsheet-{mail.pk}@{mail.sender.rpartition('@')[2]}>"
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    try:
        EmailBackend(timeout=20).send_messages([message])
    except OSError as error:
        Mail.objects.filter(pk=mail.pk).update(problem=str(error)[:400])
        return 0
    Mail.objects.filter(pk=mail.pk).update(sent_at=clock.now(), problem="")
    return 1
