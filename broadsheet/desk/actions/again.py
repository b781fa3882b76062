"""A report that a second feed brought, word for word: the rules decide about it once more.

What came by mail first waits for the desk, since a sender can be forged; the agency's own feed
vouches for it afterwards. In either order the report is published once.
"""

from django.db import transaction

from broadsheet.desk.actions.pictures import wire_picture
from broadsheet.desk.actions.routing import follow, route
from broadsheet.desk.models import CURSOR, Article, Cursor, Intake
from broadsheet.desk.reads.routing import rule_book
from broadsheet.wire.models import Arrival, Status, Version

ARRIVALS = "arrivals"


def take_again() -> int:
    """Take what further feeds brought since; returns how many arrivals. Safe in parallel."""
    position = Cursor.objects.filter(name=ARRIVALS).values_list("position", flat=True).first()
    taken = 0
    if Arrival.objects.filter(sequence__gt=position or 0).exists():
        Cursor.objects.get_or_create(name=ARRIVALS)
        while _take_next():
            taken += 1
    return taken


def _take_next() -> bool:
    with transaction.atomic():
        Cursor.objects.select_for_update().get(name=CURSOR)
        cursor = Cursor.objects.select_for_update().get(name=ARRIVALS)
        further = Arrival.objects.filter(sequence__gt=cursor.position).order_by("sequence")
        arrival = further.select_related("version__item__source", "version__fetch").first()
        if arrival is None or arrival.sequence is None:
            return False
        if arrival.version.item.latest_id == arrival.version_id:
            _take(arrival.version)
        cursor.position = arrival.sequence
        cursor.save(update_fields=["position"])
        return True


def _take(version: Version) -> None:
    """What staff decided stays; a version that waits for nothing but its sender waits no more."""
    article = Article.objects.select_for_update().filter(item=version.item_id).first()
    usable = version.applies and version.status == Status.USABLE
    picture = wire_picture(version) if usable else None
    held = Intake.objects.filter(item=version.item_id, outcome=Intake.Outcome.HELD)
    if article is None and held.exists():
        route(version, picture, rule_book())
    elif article is not None and article.withdrawn_at is None and article.waiting_id == version.pk:
        follow(article, version, picture)
