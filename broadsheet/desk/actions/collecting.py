"""The lane that fetches the wire's pictures: nothing else waits for it.

A report is taken, published and withdrawn without its picture; the picture follows. Only the
network work runs in threads: rows are written by the one who collects.
"""

import logging
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from broadsheet.desk.actions.pictures import address_of, alike, choose_again, picture_facts
from broadsheet.desk.models import Article, Picture, WirePicture
from broadsheet.desk.reads.pictures import sizes
from broadsheet.kit import clock, tokens
from broadsheet.kit.fetch import AddressRefused, FetchError, Limits, TooLarge, fetch
from broadsheet.kit.pictures import PictureUnreadable, examine
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.beside import NotBeside, picture_beside
from broadsheet.wire.transports.folder import PictureRefused

logger = logging.getLogger(__name__)

LIMITS = Limits(connect=3, read=5, total=8, decoded_bytes=20 * 2**20)
AT_ONCE = 6
FROM_ONE_HOST = 2
LEASE = timedelta(seconds=60)
PAUSES = (30, 120, 600, 3600, 6 * 3600)
"""Seconds before a picture that did not come is asked for again; after the last, no more."""

Running = dict[Future[bytes], WirePicture]


class NotNow(Exception):
    """The picture did not come; it may come later. The message says why."""


def collect_pictures(*, within: float) -> int:
    """Fetch what is due, several hosts at once; begin nothing after `within` seconds.

    Waits for what another process is fetching. Returns how many pictures came. Safe in parallel.
    """
    deadline = time.monotonic() + within
    running: Running = {}
    came = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="picture") as pool:
        while True:
            asked = clock.now()
            if time.monotonic() < deadline:
                for row in _claimed(running):
                    running[pool.submit(_bytes, row)] = row
            if running:
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                came += sum(_take(running.pop(future), future) for future in done)
            elif time.monotonic() < deadline and _others_fetch(asked):
                time.sleep(0.1)
            else:
                return came


def _due() -> QuerySet[WirePicture]:
    """Pictures of items that became an article, the longest due first."""
    now = clock.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    wanted = WirePicture.objects.filter(free, next_at__lte=now, item__article__isnull=False)
    return wanted.order_by("next_at", "pk")


def _others_fetch(asked: datetime) -> bool:
    # By the moment before claiming: a lease that has run out since was not claimed either.
    held = WirePicture.objects.filter(next_at__isnull=False, lease_until__gte=asked)
    return held.exists()


def _claimed(running: Running) -> Iterator[WirePicture]:
    """Rows that nobody else fetches, as many as there is room for, in all and at each host."""
    room = AT_ONCE - len(running)
    at_host = Counter(row.host for row in running.values())
    busy = [host for host, number in at_host.items() if number >= FROM_ONE_HOST]
    keys = {row.key for row in running.values()}
    if room <= 0:
        return
    for row in _due().exclude(host__in=busy).select_related("version__fetch__feed")[: 4 * AT_ONCE]:
        fits = room and row.key not in keys and at_host[row.host] < FROM_ONE_HOST
        if fits and _claim(row):
            keys.add(row.key)
            at_host[row.host] += 1
            room -= 1
            yield row


def _claim(row: WirePicture) -> bool:
    until = clock.now() + LEASE
    claimed = _due().filter(pk=row.pk).order_by().update(lease_until=until)
    return bool(claimed)


def _bytes(row: WirePicture) -> bytes:
    """What stands at the picture's address. Raises PictureUnreadable for good, NotNow for now."""
    url = str(row.facts["url"])
    try:
        if urlsplit(url).scheme in ("http", "https"):
            return _over_http(url)
        return picture_beside(row.version.fetch, url)
    except (AddressRefused, TooLarge, NotBeside) as error:
        raise PictureUnreadable(str(error)) from error
    except (FetchError, PictureRefused, OSError, ValueError) as error:
        raise NotNow(str(error)) from error


def _over_http(url: str) -> bytes:
    fetched = fetch(url, allow_hosts=settings.ENV.allow_hosts, limits=LIMITS)
    if fetched.status != 200:
        raise NotNow(f"Its host answered {fetched.status}.")
    return fetched.body


def _take(row: WirePicture, future: Future[bytes]) -> bool:
    """Keep a picture that came, or note why it did not. True when it came."""
    try:
        _keep(row, future.result())
    except PictureUnreadable as error:
        _note_failure(row, str(error), for_good=True)
    except NotNow as error:
        _note_failure(row, str(error), for_good=False)
    except Exception as error:
        logger.exception("Picture %s could not be kept.", row.facts.get("url"))
        _note_failure(row, str(error), for_good=False)
    else:
        return True
    return False


def _keep(row: WirePicture, data: bytes) -> None:
    found = examine(data)
    told = picture_facts(row.facts)
    # What the wire says of this picture stands; what the file says fills the gaps.
    said = {name: text for name, text in found.embedded.items() if not tokens.has_marks(text)}
    facts: dict[str, Any] = said | {name: value for name, value in told.items() if value}
    stem = Path(urlsplit(row.facts["url"]).path).stem[:60] or "picture"
    known = alike(row.key, row.facts).filter(picture__isnull=False).first()
    picture = known.picture if known else None
    if picture is None:
        picture = Picture.make(
            data,
            stem + found.suffix,
            title=facts.get("caption", "")[:200] or stem,
            embedded=dict(found.embedded),
            source=row.item.source,
            source_url=address_of(row.version, row.facts["url"]),
            from_wire=True,
            **facts,
        )
    if picture.permitted(clock.now()):
        sizes(picture)
    _give_out(row, picture)


def _give_out(row: WirePicture, picture: Picture) -> None:
    """The picture is there: every report that follows a version with it may show it now."""
    with transaction.atomic():
        fresh = WirePicture.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if fresh.picture_id is None and fresh.next_at is None:
            # The agency took it back while it was on its way.
            picture.withdrawn_at, picture.withdrawn_by = clock.now(), row.item.source.agency
            picture.save(update_fields=["withdrawn_at", "withdrawn_by"])
        rows = alike(row.key, row.facts).filter(Q(picture=None) | Q(pk=row.pk))
        rows.update(picture=picture, next_at=None, lease_until=None, problem="")
        articles = Article.objects.filter(
            item__pictures__key=row.key, item__pictures__picture=picture
        )
        for article in articles.select_for_update(of=("self",)).select_related(
            "basis__fetch__feed"
        ):
            if choose_again(article):
                announce(Subject.ARTICLE, article.pk)


def _note_failure(row: WirePicture, problem: str, *, for_good: bool) -> None:
    """Try again later, slower each time; a host that failed gets a pause for all its pictures."""
    logger.warning("Picture %s was not taken: %s", row.facts.get("url"), problem)
    pause = None if for_good or row.attempts >= len(PAUSES) else PAUSES[row.attempts]
    next_at = None if pause is None else clock.now() + timedelta(seconds=pause)
    WirePicture.objects.filter(pk=row.pk).update(
        attempts=F("attempts") + 1, next_at=next_at, lease_until=None, problem=problem[:300]
    )
    if not for_good and row.host:
        resting = clock.now() + timedelta(seconds=PAUSES[0])
        waiting = WirePicture.objects.filter(host=row.host, next_at__lt=resting)
        waiting.update(next_at=resting)
