"""Gifts: a subscriber opens one article to others, for as long as the own right lasts."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article
from broadsheet.desk.reads.access import access_in_force
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press_log.models import Subject, announce
from broadsheet.subscriptions.models import ArticleLink, LinkPolicy
from broadsheet.subscriptions.reads import links as reads


def give(reader: User, article: Article) -> ArticleLink:
    """The reader's gift link to an article; the one there is when it was given before.

    Under the reader's lock, so that two windows give no more than the quota. Raises Refusal for an
    article that is open to everybody, or that the reader may not read by an entitlement, and when
    the month's gifts are given.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        now = clock.now()
        known = reads.gift_of(reader, article, now)
        if known is not None:
            return known
        right, until = _right(reader, article, now)
        policy = LinkPolicy.current()
        if not reads.gifts_left(reader, now):
            raise Refusal(
                _no_more(policy), _("A gift that was made can be sent to several people.")
            )
        # The second that is signed into the address.
        expires = (now + timedelta(days=policy.gift_days)).replace(microsecond=0)
        link = ArticleLink.objects.create(
            kind=ArticleLink.GIFT, article=article, maker=reader, right=right, made_at=now,
            expires_at=expires, ends_at=min(expires, until), most_readers=policy.gift_readers,
        )  # fmt: skip
        if link.ends_at < link.expires_at:
            announce(Subject.LINK, link.pk)
        return link


def _right(reader: User, article: Article, now: datetime) -> tuple[str, datetime]:
    if access_in_force(article, now) == "open":
        problem = _("This article is open to everybody.")
        raise Refusal(problem, _("Share its address as it is."))
    found = reads.right_to_give(reader, article, now)
    if found is None:
        problem = _("Your account does not open this article.")
        raise Refusal(problem, _("Subscribers can give articles that they may read."))
    return found


def _no_more(policy: LinkPolicy) -> str:
    if not policy.gifts_a_month:
        return _("This paper's articles are not given away.")
    return _("You have given as many articles as you can this month.")


def take_back(link: ArticleLink) -> None:
    """The link opens nothing from now on, for nobody; taking it back again changes nothing."""
    now = clock.now()
    with transaction.atomic():
        live = ArticleLink.objects.live(now).filter(pk=link.pk)
        if live.update(ends_at=now, taken_back_at=now):
            announce(Subject.LINK, link.pk)


def take_back_all(maker: User) -> None:
    """Nothing that this account gave or shared opens any more."""
    for link in ArticleLink.objects.live(clock.now()).filter(maker=maker):
        take_back(link)


def follow_rights(reader: int) -> None:
    """After a change of an account's grants: its gifts end with the right they lend, and go on
    with it. Call in the transaction of the change, under the reader's lock."""
    now = clock.now()
    lasting = ArticleLink.objects.gifts().filter(maker=reader, expires_at__gt=now)
    links = list(lasting.filter(taken_back_at=None))
    rights = reads.lasting_rights(reader, now) if links else {}
    for link in links:
        ends = min(link.expires_at, rights.get(link.right, min(link.ends_at, now)))
        if ends != link.ends_at:
            ArticleLink.objects.filter(pk=link.pk).update(ends_at=ends)
            announce(Subject.LINK, link.pk)
