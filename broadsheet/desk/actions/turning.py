"""Write down which access class the time rules give articles now."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from broadsheet.desk.models import Article, TimeRule
from broadsheet.desk.reads.access import turned_access
from broadsheet.gate.policy import Policy

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


def turn(articles: Iterable[Article], now: datetime) -> int:
    """Note for each article the class that a time rule gives it at `now`; returns how many turned.

    The gate turns by itself, to the second; this is for what the pages say of their access.
    """
    policy = TimeRule.policy()
    return sum(_turned(article, policy, now) for article in articles)


def _turned(article: Article, policy: Policy, now: datetime) -> bool:
    access = turned_access(article, policy, now)
    if article.turned_access == access:
        return False
    article.write(turned_access=access)
    return True


def turning(since: datetime, now: datetime) -> set[int]:
    """Articles for which a time rule began or ended after `since`, and not after `now`. A bound
    from before the calendar, which an older version let pass, is one that no article came to."""
    furthest = (since - EARLIEST).total_seconds()
    turns = TimeRule.turns()
    bounds = {age for t in turns for age in (t.after, t.until) if 0 < age < furthest}
    found: set[int] = set()
    for bound in bounds:
        age = timedelta(seconds=bound)
        passed = Article.objects.filter(
            live=True, first_published_at__gt=since - age, first_published_at__lte=now - age
        )
        found |= set(passed.values_list("pk", flat=True))
    return found
