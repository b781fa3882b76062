"""Following the press log, letting licensees in, handing reports over."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from broadsheet.desk.models import Article
from broadsheet.kit import clock
from broadsheet.licensing import reads
from broadsheet.licensing.models import Change, Licensee, Taken
from broadsheet.licensing.rules import Status
from broadsheet.press_log.models import Counter, Entry, Subject

CHUNK = 500
"""Entries of the press log that are read at once."""
COUNTER = "licensing"
MINUTE = timedelta(minutes=1)
NOBODY = "0" * 64


class NotKnown(Exception):
    """The token is missing, wrong, or was taken back."""


class TooOften(Exception):
    """More requests a minute than agreed; `seconds` says when the next one is answered."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"More requests a minute than agreed. Ask again in {seconds} seconds.")
        self.seconds = seconds


def catch_up() -> int:
    """Take over which articles the press log names as changed; returns how many entries.

    Safe in parallel: the counter's row is locked, so that no number is ever set back.
    """
    done = 0
    while count := _follow():
        done += count
    return done


def _follow() -> int:
    last = reads.newest()
    if not Entry.objects.filter(subject=Subject.ARTICLE, number__gt=last).exists():
        return 0
    with transaction.atomic():
        Counter.lock(COUNTER)
        after = Entry.objects.filter(subject=Subject.ARTICLE, number__gt=reads.newest())
        entries = list(after.order_by("number")[:CHUNK])
        changed = {int(entry.ref): entry for entry in entries}
        known = set(Article.objects.filter(pk__in=changed).values_list("pk", flat=True))
        rows = [
            Change(article_id=pk, number=entry.number, at=entry.at)
            for pk, entry in changed.items()
            if pk in known
        ]
        Change.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["article"], update_fields=["number", "at"]
        )
    return len(rows)


def give_token(licensee: Licensee) -> str:
    """A new token, the only one that counts from now on. It is told once; a digest is kept."""
    token = f"{licensee.pk}.{secrets.token_urlsafe(32)}"
    licensee.token_digest = _digest(token)
    licensee.token_made_at = clock.now()
    licensee.revoked_at = None
    licensee.save(update_fields=["token_digest", "token_made_at", "revoked_at"])
    return token


def revoke(licensee: Licensee) -> None:
    """Take the token back: the next request is refused."""
    licensee.revoked_at = clock.now()
    licensee.token_digest = ""
    licensee.save(update_fields=["revoked_at", "token_digest"])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def admit(authorization: str, now: datetime) -> Licensee:
    """Who asks, by the Authorization field (RFC 6750, 2.1: Bearer), counted within the minute.

    The digest is compared in constant time, also where there is no such licensee. Raises NotKnown
    and TooOften.
    """
    scheme, _, token = authorization.strip().partition(" ")
    number = token.strip().partition(".")[0]
    found = None
    if scheme.lower() == "bearer" and number.isascii() and number.isdigit() and len(number) < 10:
        found = Licensee.objects.filter(pk=int(number)).first()
    kept = (found.token_digest if found else "") or NOBODY
    is_right = hmac.compare_digest(kept.encode(), _digest(token.strip()).encode())
    if found is None or not is_right or found.revoked_at is not None:
        raise NotKnown
    _count(found, now)
    return found


def _count(licensee: Licensee, now: datetime) -> None:
    window = now.replace(second=0, microsecond=0)
    row = Licensee.objects.filter(pk=licensee.pk)
    fresh = row.exclude(window=window).update(window=window, asked=1, last_used_at=now)
    if fresh:
        return
    within = row.filter(window=window, asked__lt=F("per_minute"))
    if not within.update(asked=F("asked") + 1, last_used_at=now):
        raise TooOften(max(1, int((window + MINUTE - now).total_seconds()) + 1))


def note_taken(
    licensee: Licensee, rows: Sequence[tuple[Change, Status]], name: str, now: datetime
) -> None:
    """Note what is handed over, before it is: who may have a report must hear of its end."""
    taken = [
        Taken(
            licensee=licensee,
            article_id=change.pk,
            number=change.number,
            status=status,
            format=name,
            at=now,
        )
        for change, status in rows
    ]
    Taken.objects.bulk_create(
        taken,
        update_conflicts=True,
        unique_fields=["licensee", "article"],
        update_fields=["number", "status", "format", "at"],
    )
