"""The demo's readers by name, what they keep for later, and how much was read."""

import math
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress

from broadsheet.accounts.models import SavedArticle, User
from broadsheet.desk.models import Article
from broadsheet.subscriptions.models import ReadingCount

NAMES = Path(__file__).resolve().parent / "names.toml"
READERS = 90
MONTHS = 8
MOST_READ = 2600
"""Distinct readers of a month's best-read report, about."""


def make_readers(joined: list[datetime], dice: Random) -> list[User]:
    """One reader for each moment of joining. They have no password and sign in by a code."""
    readers = [_reader(name, at) for name, at in zip(_names(dice), joined, strict=False)]
    User.objects.bulk_create(readers)
    EmailAddress.objects.bulk_create(
        EmailAddress(user=reader, email=reader.email, verified=True, primary=True)
        for reader in readers
    )
    return readers


def _names(dice: Random) -> list[tuple[str, str]]:
    texts = tomllib.loads(NAMES.read_text())
    pairs = [(given, family) for given in texts["given"] for family in texts["family"]]
    return dice.sample(pairs, READERS)


def _reader(name: tuple[str, str], joined: datetime) -> User:
    given, family = name
    folded = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode()
    reader = User(
        email=f"{folded.lower()}@merrow.example",
        first_name=given,
        last_name=family,
        date_joined=joined,
    )
    reader.set_unusable_password()
    return reader


def save_articles(reader: User, count: int, dice: Random, now: datetime) -> list[SavedArticle]:
    """So many of our own reports, each kept for later between its publication and now."""
    own = Article.objects.filter(item=None, live=True).order_by("first_published_at")
    found = list(own.values_list("pk", "first_published_at"))
    return [
        SavedArticle(reader=reader, article=number, saved_at=at + dice.random() * (now - at))
        for number, at in dice.sample(found, count)
        if at is not None
    ]


def count_reads(now: datetime, zone: str, dice: Random) -> None:
    """How often each report was read in this month and the months before: few much, many little.

    The demo's reports are always of the last days; the counts of past months stand on them too,
    so that there are months to compare.
    """
    articles = list(Article.objects.order_by("pk").values_list("pk", "first_published_at"))
    this, *before = _months(now, zone)
    rows = [
        row for age, month in enumerate(before, 1) for row in _month(month, age, articles, dice)
    ]
    since = {number: published for number, published in articles if published}
    for row in _month(this, 0, articles, dice):
        published = since.get(row.article, now)
        hours = max((now - published) / timedelta(hours=1), 0.0)
        row.number = round(row.number * (1 - math.exp(-hours / 18)))
        rows.append(row)
    ReadingCount.objects.bulk_create(rows)


def _months(now: datetime, zone: str) -> list[str]:
    local = now.astimezone(ZoneInfo(zone))
    counts = (local.year * 12 + local.month - 1 - n for n in range(MONTHS))
    return [f"{count // 12}-{count % 12 + 1:02d}" for count in counts]


def _month(
    month: str, age: int, articles: list[tuple[int, datetime | None]], dice: Random
) -> Iterator[ReadingCount]:
    """Zipf's law with some noise; fewer readers the longer ago."""
    ranks = dice.sample(range(1, len(articles) + 1), len(articles))
    for rank, (number, _) in zip(ranks, articles, strict=True):
        reads = MOST_READ * 0.93**age / rank**0.9 * dice.uniform(0.8, 1.25)
        registered = round(reads * dice.uniform(0.12, 0.3))
        for kind, count in (("anonymous", round(reads) - registered), ("registered", registered)):
            yield ReadingCount(
                month=month, article=number, kind=kind, outcome="read", rule="metered", number=count
            )
