"""The desk's lists and the editor, in a paper of 100,000 items and 20,000 articles.

`python -m bench.desk` fills a paper in a temporary home (or the database of
BROADSHEET_DATABASE_URL, inside a transaction that is rolled back), opens every queue, the list of
articles and the editor several times, and prints the medians beside those of a paper of 1,000
items in the same run. Processor time is told beside the clock: on a machine that is busy with
other things it alone is ours.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TIMES = 7
SMALL, LARGE = (1_000, 200), (100_000, 20_000)
BODY = "<p>" + "</p><p>".join(
    f"Sentence {n} of a report that was made to fill the desk and to be listed." for n in range(8)
)
NOW = datetime.now(UTC)


def main() -> int:
    """Print milliseconds and ratios; returns 0."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        _start(Path(folder) / "var")
        with _paper(*SMALL) as editor:
            small = _measure(editor)
        with _paper(*LARGE) as editor:
            large = _measure(editor)
    print(f"The desk, medians of {TIMES}: processor time, ratio of that, clock, queries")
    print(f"  {'':<28}{SMALL[0]:>9,} items{LARGE[0]:>9,} items   ratio")
    for name, (reference, _, _) in small.items():
        used, taken, asked = large[name]
        print(f"  {name:<28}{reference:>11.0f} ms{used:>12.0f} ms{used / reference:>8.1f}"
              f"{taken:>8.0f} ms   {asked} queries")  # fmt: skip
    return 0


def _start(home: Path) -> None:
    for name in ("run", "journal", "blobs", "media", "static"):
        (home / name).mkdir(parents=True)
    os.environ["BROADSHEET_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)


@contextmanager
def _paper(items: int, articles: int) -> Iterator[Any]:
    """A filled paper and its editor; everything is taken back afterwards."""
    from django.db import transaction

    with transaction.atomic():
        started = time.perf_counter()
        editor = _fill(items, articles)
        print(f"{items:,} items, {articles:,} articles in {time.perf_counter() - started:.0f} s")
        yield editor
        transaction.set_rollback(True)


def _fill(items: int, articles: int) -> Any:
    from broadsheet.accounts.actions import make_staff
    from broadsheet.config.init import make_groups
    from broadsheet.desk.models import Paper, Section
    from broadsheet.wire.models import Feed, Source

    make_groups()
    Paper.objects.get_or_create(name="The Lantern")
    sections = [
        Section.objects.get_or_create(slug=f"bench-{n}", name=f"Section {n}")[0] for n in range(8)
    ]
    source = Source.objects.create(name="bench", agency="Quill")
    feed = Feed.objects.create(source=source, name="bench", location="/nowhere")
    versions = _wire(source, feed, items)
    _articles(versions, sections, articles)
    return make_staff("bench@lantern.example", "lanterns-and-ledgers", publisher=False)


def _wire(source: Any, feed: Any, items: int) -> list[Any]:
    """Items with a version each, and for every tenth a second one."""
    from broadsheet.wire.models import Fetch, Item, Version

    made = Item.objects.bulk_create(
        [Item(source=source, key=f"urn:bench:{n}") for n in range(items)], batch_size=2000
    )
    versions = []
    for n, item in enumerate(made):
        text = {"headline": f"Report {n} of the harbour", "standfirst": "Why.", "body": BODY}
        at = NOW - timedelta(minutes=items - n)
        versions.append(
            Version(item=item, number=1, sequence=10**9 + n, received_at=at, content_hash=str(n),
                    fields=text)
        )  # fmt: skip
    Version.objects.bulk_create(versions, batch_size=2000)
    for version in versions:
        version.item.latest = version
    Item.objects.bulk_update(made, ["latest"], batch_size=2000)
    Fetch.objects.bulk_create(
        [Fetch(feed=feed, name=f"{n}.xml", outcome="quarantined" if n % 9 else "taken")
         for n in range(items // 100)]
    )  # fmt: skip
    return versions


def _articles(versions: list[Any], sections: list[Any], articles: int) -> None:
    """The first ones published, of which some wait, are held, stale, embargoed or expiring."""
    from broadsheet.desk.models import Article, Intake, Notice

    made = []
    for n, version in enumerate(versions[:articles]):
        facts: dict[str, Any] = {}
        if n % 40 == 0:
            facts = {"body": BODY, "waiting": version, "body_from": version}
        elif n % 40 == 1:
            facts = {"headline": "Ours", "stale_since": NOW - timedelta(minutes=n)}
        elif n % 40 == 2:
            facts = {"embargo_until": NOW + timedelta(minutes=n)}
        elif n % 40 == 3:
            facts = {"wire_expires": NOW + timedelta(minutes=1 + n % 1000)}
        elif n % 40 == 4:
            facts = {"held": True}
        made.append(
            Article(item=version.item, basis=version, section=sections[n % 8], live=True,
                    first_published_at=version.received_at, path=f"/bench/{n}",
                    shown_headline=version.headline, search_text=version.headline.casefold() * 20,
                    **facts)
        )  # fmt: skip
    Article.objects.bulk_create(made, batch_size=1000)
    Notice.objects.bulk_create(
        [Notice(article=one, kind=("correction", "withdrawal")[n % 2], text="Six.",
                version=one.basis) for n, one in enumerate(made) if n % 20 == 5]
    )  # fmt: skip
    Intake.objects.bulk_create(
        [Intake(item=version.item, section=sections[n % 8], at=version.received_at,
                outcome="published" if n < articles else "discarded" if n % 3 else "held",
                search_text=version.headline.casefold())
         for n, version in enumerate(versions)], batch_size=2000
    )  # fmt: skip


def _measure(editor: Any) -> dict[str, tuple[float, float, int]]:
    from django.test import Client
    from django.urls import reverse

    from broadsheet.desk.models import Article
    from broadsheet.desk.reads.queues import QUEUES

    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(editor, "allauth.account.auth_backends.AuthenticationBackend")
    incoming, listed = reverse("desk_incoming"), reverse("wagtailsnippets_desk_article:list")
    reworked = Article.objects.exclude(body=None).earliest("pk")
    addresses = {
        "first screen": reverse("wagtailadmin_home"),
        "all that came in": incoming,
        "all, a word of one": f"{incoming}?q=report+77+of",
        "all, one day": f"{incoming}?day={NOW - timedelta(hours=12):%Y-%m-%d}",
        **{queue.name: reverse("desk_queue", args=[queue.name]) for queue in QUEUES},
        "articles": listed,
        "articles, page 100": f"{listed}?p=100",
        "articles, a word of one": f"{listed}?q=report+77+of",
        "editor": reverse("wagtailsnippets_desk_article:edit", args=[reworked.pk]),
        "difference": reverse("desk_compare", args=[reworked.pk]),
        "log": reverse("desk_log", args=[reworked.pk]),
    }
    return {name: _open(client, address) for name, address in addresses.items()}


def _open(client: Any, address: str) -> tuple[float, float, int]:
    """Milliseconds of processor time and of the clock, and the queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    times, used = [], []
    for _ in range(TIMES):
        started, busy = time.perf_counter(), time.process_time()
        answer = client.get(address)
        used.append((time.process_time() - busy) * 1000)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return statistics.median(used), statistics.median(times), len(captured)


if __name__ == "__main__":
    sys.exit(main())
