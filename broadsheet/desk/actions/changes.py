"""What every change of an article ends with: the shown columns, the address, the press log."""

from datetime import datetime
from zoneinfo import ZoneInfo

from broadsheet.desk.actions.authors import sign
from broadsheet.desk.actions.pictures import wire_picture
from broadsheet.desk.actions.telling import tell_of_corrections
from broadsheet.desk.actions.topics import tag
from broadsheet.desk.differences import moved
from broadsheet.desk.models import Article, Edit, NoticeKind, Paper
from broadsheet.desk.reads.routing import candidate
from broadsheet.desk.rules import must_wait, slug_of
from broadsheet.kit import clock, html
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Version


def unfit(version: Version) -> bool:
    """A published report is not overwritten by a version that readers must not get."""
    return must_wait(candidate(version, clock.now()))


def take_basis(article: Article, *, tells: bool = True) -> None:
    """The version that waited becomes what the article follows, with its picture.

    `tells`: its text is on the page now, so that readers are told what the agency corrected.
    """
    version, since = article.waiting, article.basis
    if version is not None:
        article.write(basis=version, waiting=None, wire_picture=wire_picture(version))
        if tells:
            tell_of_corrections(article, since, version)


def refresh(article: Article, *, at_once: bool = False) -> None:
    """Bring the columns that lists and search read up to what readers see, and tell the press.

    Call inside the transaction of the change. `at_once`: press it before anything that waits.
    """
    open_part, _ = html.teaser(article.full_body)
    headline, standfirst = article.full_headline, article.full_standfirst
    words = " ".join((headline, standfirst, html.plain(open_part)))
    article.write(
        shown_headline=headline[:300],
        shown_standfirst=standfirst,
        search_text=words.casefold(),
        stale_since=_stale_since(article),
    )
    tag(article)
    sign(article)
    announce(Subject.ARTICLE, article.pk, at_once=at_once)


def _stale_since(article: Article) -> datetime | None:
    """Since when the wire says something else than when staff wrote their headline; else None.

    It moved, or the agency has corrected since (docs/cases.md, 31).
    """
    if article.headline is None or article.item is None or article.withdrawn_at:
        return None
    taken = Edit.objects.filter(article=article, field="headline", after__isnull=False)
    then = taken.select_related("basis").order_by("-id").values_list("basis", flat=True).first()
    if then is None:
        return None
    basis = Version.objects.get(pk=then)
    since = Version.objects.filter(
        item=article.item_id, sequence__gt=basis.sequence, applies=True
    ).order_by("-sequence")
    newest = since.first()
    if newest is None:
        return None
    corrections = since.filter(signal=NoticeKind.CORRECTION)
    corrected = corrections.exclude(content_hash=basis.content_hash).exists()
    if corrected or moved(basis.headline, newest.headline):
        return article.stale_since or clock.now()
    return None


def give_address(article: Article) -> None:
    """The address of a first publication: its date in the paper's zone, a slug that never moves."""
    if article.path:
        return
    zone = ZoneInfo(Paper.load().time_zone)
    at = (article.first_published_at or clock.now()).astimezone(zone)
    stem = f"/{at:%Y/%m/%d}/{slug_of(article.full_headline)}"
    path, number = stem, 2
    while Article.objects.filter(path=path).exists():
        path, number = f"{stem}-{number}", number + 1
    article.write(path=path)
