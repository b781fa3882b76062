"""What is announced without a change by anybody: another origin, and the passing of time."""

from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from broadsheet.desk.actions.turning import turning
from broadsheet.desk.models import Article, Paper
from broadsheet.fronts.models import Front, Slot
from broadsheet.kit import clock
from broadsheet.press.models import Standing
from broadsheet.press_log.models import Subject, announce


def set_origin(address: str) -> bool:
    """Store the origin pages carry; a change re-presses the paper. True when it changed."""
    with transaction.atomic():
        standing, _ = Standing.objects.select_for_update().get_or_create(pk=1)
        if standing.origin == address:
            return False
        standing.origin = address
        standing.save(update_fields=["origin"])
        announce(Subject.SITE)
        return True


def announce_due() -> int:
    """Announce articles whose embargo or expiry passed, or whose access turned, since the last
    look; returns how many."""
    now = clock.now()
    with transaction.atomic():
        standing, _ = Standing.objects.select_for_update().get_or_create(pk=1)
        since = standing.looked_until or now
        passed = Q()
        for name in ("embargo_until", "wire_embargo_until", "expire_at", "wire_expires"):
            passed |= Q(**{f"{name}__gt": since, f"{name}__lte": now})
        due = set(Article.objects.filter(passed).values_list("pk", flat=True))
        due |= turning(since, now)
        for pk in due:
            announce(Subject.ARTICLE, pk)
        ended = Slot.objects.filter(until__gt=since, until__lte=now)
        fronts = Front.objects.select_related("section__title", "title")
        for front in fronts.filter(pk__in=ended.values("front")):
            announce(Subject.FRONT, front.place)
        day = ZoneInfo(Paper.load().time_zone)
        if since.astimezone(day).date() != now.astimezone(day).date():
            announce(Subject.SITE)
        standing.looked_until = now
        standing.save(update_fields=["looked_until"])
    return len(due)
