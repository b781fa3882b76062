"""When links to single articles end, laid down for the gate."""

from collections.abc import Collection

from django.db.models import F

from broadsheet.gate.ended import LinkEnd
from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.gate.pressed import PressRun
from broadsheet.kit import clock
from broadsheet.kit.clock import DAY
from broadsheet.subscriptions.models import ArticleLink


def press_links(run: PressRun, numbers: Collection[int] | None = None) -> None:
    """The ends of these links, or of all. A link whose row is gone has ended."""
    now = clock.now()
    found = ArticleLink.objects.filter(expires_at__gt=now)
    if numbers is None:
        found = found.filter(ends_at__lt=F("expires_at"))
    else:
        found = found.filter(pk__in=numbers)
    rows = {link.pk: link for link in found}
    ends = [
        LinkEnd(link.pk, link.ends_at.timestamp(), link.expires_at.timestamp())
        for link in rows.values()
    ]
    moment = now.timestamp()
    for number in set(numbers or ()) - rows.keys():
        ends.append(LinkEnd(number, moment, moment + LONGEST_DAYS * DAY))
    run.end_links(ends, moment, every=numbers is None)
