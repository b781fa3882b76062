"""Two wires, one story: texts are compared by their sketches, copies are proposed, never merged."""

from datetime import datetime

from django.db.models import Count
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Fingerprint, Likeness
from broadsheet.kit import clock, html
from broadsheet.kit.say import Refusal
from broadsheet.wire.likeness import same_story, sketch
from broadsheet.wire.models import Item, Status, Version

MOST_CANDIDATES = 5
"""Items that share the most of a sketch are read and compared word by word; no others."""


def compare(version: Version) -> None:
    """Keep the sketch of a report's newest text, and propose what it copies of other agencies.

    Costs the same however many items there are: numbers are looked up in an index.
    """
    prints = sketch(_text(version)) if version.kind == "news" else frozenset()
    now = clock.now()
    Fingerprint.objects.filter(item=version.item_id).delete()
    for told in _sharing(version.item, prints, now - Fingerprint.WINDOW):
        share = same_story((version.headline, _text(version)), (told.headline, _text(told)))
        if share:
            Likeness.objects.get_or_create(
                item=version.item, like=told.item, defaults={"share": round(share, 3)}
            )
    Fingerprint.objects.bulk_create(
        Fingerprint(item=version.item, value=value, at=now) for value in prints
    )


def _text(version: Version) -> str:
    return f"{version.fields.get('standfirst', '')} {html.plain(version.body)}"


def _sharing(item: Item, prints: frozenset[int], since: datetime) -> list[Version]:
    """What other agencies told before in items that share the most numbers: their newest text."""
    shared = Fingerprint.objects.filter(value__in=prints, at__gt=since)
    others = shared.exclude(item__source=item.source_id).filter(item__lt=item.pk)
    counted = others.values("item").annotate(shared=Count("pk")).order_by("-shared", "item")
    wanted = [row["item"] for row in counted[:MOST_CANDIDATES]]
    told = Version.objects.filter(item__in=wanted, status=Status.USABLE, applies=True)
    newest = {
        version.item_id: version for version in told.select_related("item").order_by("number")
    }
    return [newest[pk] for pk in sorted(newest)]


def settle_likeness(likeness: Likeness, verdict: str, *, by: User) -> None:
    """The desk says that two reports are not one story, or that it keeps both; once and for all.

    Neither stands in the way of the other from then on. Raises Refusal for any other verdict, and
    when it was decided already.
    """
    if verdict not in Likeness.Verdict.values:
        raise Refusal(_("Choose: keep both, or not the same."), _("Nothing was changed."))
    open_yet = Likeness.objects.filter(pk=likeness.pk, verdict="")
    if not open_yet.update(verdict=verdict, settled_at=clock.now(), settled_by=by):
        raise Refusal(_("The desk has decided this already."), _("Nothing was changed."))


def forget_sketches() -> int:
    """Delete what is older than copies are looked for; returns how many numbers."""
    old = Fingerprint.objects.filter(at__lt=clock.now() - Fingerprint.WINDOW)
    return old.delete()[0]
