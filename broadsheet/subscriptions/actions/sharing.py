"""Links of the house: shared by staff, and in newsletters. And what was opened by any link."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article
from broadsheet.gate.journal import Record
from broadsheet.gate.links import LONGEST_DAYS
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.decisions import link_of
from broadsheet.subscriptions.models import ArticleLink

NEWSLETTER_READERS = 3
"""Browsers in which one reader of a newsletter may open a link of it."""

KEPT = timedelta(days=30)
"""After its end a link is remembered for so long: its month is over then, and its quota too."""


def share(article: Article, days: int, *, by: User, note: str = "") -> ArticleLink:
    """A link by which anybody reads an article in full for some days. Raises Refusal for a number
    of days that no link can last, and for an article without an address."""
    if not 1 <= days <= LONGEST_DAYS:
        problem = _("A link lasts from one day to %(most)s days.") % {"most": LONGEST_DAYS}
        raise Refusal(problem, _("Nothing was changed."))
    if not article.path:
        raise Refusal(_("This article has no address yet."), _("Publish it first."))
    return _made(ArticleLink.SHARE, article, days, maker=by, note=note)


def newsletter_link(article: Article) -> ArticleLink:
    """The link to an article in one newsletter, the same row for all who get it; each reader's
    own address comes from `links.newsletter_address`."""
    most = NEWSLETTER_READERS
    return _made(ArticleLink.NEWSLETTER, article, LONGEST_DAYS, most_readers=most)


def _made(kind: str, article: Article, days: int, **facts: object) -> ArticleLink:
    now = clock.now()
    ends = (now + timedelta(days=days)).replace(microsecond=0)
    return ArticleLink.objects.create(
        kind=kind, article=article, made_at=now, expires_at=ends, ends_at=ends, **facts
    )


def count_openings(records: Iterable[Record]) -> None:
    """Add what the journal says was opened by links to the links, in the present transaction."""
    opened = (link_of(record) for record in records if record.outcome == "open")
    for number, opened_by in Counter(number for number in opened if number).items():
        ArticleLink.objects.filter(pk=number).update(openings=F("openings") + opened_by)


def forget_links() -> int:
    """Delete links 30 days after their end: who gave what is not kept longer. How many."""
    return ArticleLink.objects.filter(expires_at__lt=clock.now() - KEPT).delete()[0]
