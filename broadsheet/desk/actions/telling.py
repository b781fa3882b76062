"""What readers are told because the wire corrected, checks or withdrew a report."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from broadsheet.desk.models import Article, Notice, NoticeKind, Paper
from broadsheet.desk.rules import is_for_editors
from broadsheet.kit import tokens
from broadsheet.wire.models import Status, Version

CORRECTING = (NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)


def tell_of_corrections(article: Article, since: Version | None, version: Version) -> None:
    """Tell readers of what the agency put right, now that the text they read holds it.

    Nothing is told of what readers never had: a report that is not published yet.
    """
    if article.first_published_at is None:
        return
    newer = version.item.versions.filter(
        number__gt=since.number if since else 0,
        number__lte=version.number,
        applies=True,
        signal__in=CORRECTING,
    )
    for corrected in newer.order_by("number"):
        if not _told_before(corrected):
            text = told(corrected, gettext_noop("The agency has corrected this report."))
            Notice.objects.create(
                article=article, kind=corrected.signal, text=text, version=corrected
            )


def tell_of_the_hold(article: Article, version: Version) -> None:
    """Tell readers why a report is dark: the agency withholds it, and did not before."""
    before = version.item.versions.filter(number__lt=version.number, applies=True).last()
    if before is None or before.status != Status.WITHHELD:
        text = told(version, gettext_noop("The agency is checking this report."))
        Notice.objects.create(article=article, kind=NoticeKind.HOLD, text=text, version=version)


def told(version: Version, sentence: str) -> str:
    """The agency's own words for readers, else our sentence in the paper's language of now."""
    with override(Paper.load().language):
        return _note(version) or _(sentence)


def _told_before(version: Version) -> bool:
    """Agencies leave "CORRECTED" on every later version: that is one correction, told once."""
    before = version.item.versions.filter(number__lt=version.number).last()
    return before is not None and (before.signal, _note(before)) == (version.signal, _note(version))


def _note(version: Version) -> str:
    """What the agency tells readers of the change; "" for a note to editors, or one that would
    show them template marks.
    """
    note = str(version.fields.get("note") or "")
    return "" if tokens.has_marks(note) or is_for_editors(note) else note
