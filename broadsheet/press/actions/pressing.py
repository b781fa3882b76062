"""Bring the pressed store up to the paper's database: one store transaction for each event.

Pressing a subject means: make all its surfaces equal to the database as it is now. So the order
of events does not matter, an event may be pressed twice, and an urgent one (a withdrawal) is
pressed at once by whoever caused it, without waiting for the worker's cursor.
"""

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from broadsheet.desk.actions.turning import turn
from broadsheet.desk.models import Article, Paper, Section, StaticPage, Title
from broadsheet.desk.reads import picture_view
from broadsheet.desk.reads.growing import grown_from
from broadsheet.gate.pressed import Page, PressRun, event, open_store
from broadsheet.kit import clock
from broadsheet.press import lists, media, pages, premium, reads
from broadsheet.press.actions.framing import (
    keep_authority,
    press_frame,
    press_machines,
    press_networks,
    press_wall,
)
from broadsheet.press.actions.links import press_links
from broadsheet.press.changes import note_changes
from broadsheet.press.corrections import (
    corrections_pages,
    is_told,
    known_months,
    press_corrections,
)
from broadsheet.press.frame import CORRECTIONS, Frame, make_frame
from broadsheet.press.plan import Plan, plan_of
from broadsheet.press.reports import with_changes
from broadsheet.press_log.gathering import gathered
from broadsheet.press_log.models import Entry, Subject, announce

logger = logging.getLogger(__name__)

CHUNK = 10
"""Entries in one store transaction: small, so that a withdrawal never waits long for the lock."""
MOST = 100
"""Reports in one store transaction, however many show a picture that ends."""


@contextmanager
def papers_ways() -> Iterator[None]:
    """The paper's language and zone, as they are now."""
    paper = Paper.load()
    with translation.override(paper.language), timezone.override(ZoneInfo(paper.time_zone)):
        yield


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """The store. Whatever is announced while pressing is pressed afterwards: it is locked now."""
    store = open_store(settings.HOME / "pressed.sqlite3")
    try:
        with gathered():
            yield store
    finally:
        store.close()


def catch_up(*, whole: bool = True) -> int:
    """Press everything announced since the cursor; returns how many entries. Safe in parallel.

    Without `whole` an entry that means the whole paper, which takes long, is left for another
    lane: whoever takes in what agencies send must not wait for it.
    """
    done = 0
    while reads.lag() and (count := _press_chunk(whole=whole)):
        done += count
    return done


def _press_chunk(*, whole: bool) -> int:
    with opened() as store:
        cursor = reads.cursor(store)
        entries = list(Entry.objects.filter(number__gt=cursor)[:CHUNK])
        newest = reads.newest_entry()
        plan = plan_of(entries)
        if not plan.site and cursor <= newest:
            if entries:
                last = str(entries[-1].number)
                _press_plan(store, plan, lambda run: run.set_fact("cursor", last))
            return len(entries)
        if not whole:
            return 0
        # All at once: the cursor will stand behind the readers of later chunks, too.
        readers = Entry.objects.filter(subject=Subject.READER, number__gt=cursor)
        with event(store) as run:
            _void_passes(run, plan_of(readers.filter(number__lte=newest)))
        # A cursor beyond the log belongs to another database: a restored or a new one.
        _press_site(store, newest)
        return max(1, newest - cursor)


def _press_plan(store: sqlite3.Connection, plan: Plan, done: Callable[[PressRun], None]) -> None:
    """Files that may not be seen any more go first; then pages, a hundred reports at a time.

    `done` is called in the last event, when everything of the plan is pressed.
    """
    if plan.pictures:
        with event(store) as run:
            media.end_pictures(run, plan.pictures)
        plan.articles |= reads.articles_with(store, plan.pictures)
    plan.articles |= grown_from(plan.articles)
    *parts, last = plan.parts(MOST)
    for part in parts:
        _prepare(part.articles)
        with event(store) as run:
            _press(run, part)
    _prepare(last.articles)
    with event(store) as run:
        _press(run, last)
        done(run)


def press_now(entry: Entry) -> None:
    """Press one entry in the request that made it. The cursor moves on only when it is next."""
    plan = plan_of([entry])
    if plan.site:
        return

    def move_on(run: PressRun) -> None:
        if int(run.fact("cursor", "0")) == entry.number - 1:
            run.set_fact("cursor", str(entry.number))

    with opened() as store:
        _press_plan(store, plan, move_on)


@papers_ways()
def _prepare(articles: Collection[int]) -> None:
    """Write what must not be written while the store is locked: a withdrawal must not wait.

    Missing sizes of pictures are made, what readers will see as changed is noted, and the access
    that a time rule gives. `_press`
    reads the reports again, under the lock: what was withdrawn meanwhile must not come back.
    """
    wanted = _articles(articles)
    for article in wanted:
        picture_view(article.shown_picture)
    turn(wanted, clock.now())
    for author in lists.authors_touched(articles, (), ()).exclude(picture=None):
        picture_view(author.picture)
    note_changes(wanted)


@papers_ways()
def _press(run: PressRun, plan: Plan) -> None:
    frame = make_frame()
    articles = _articles(plan.articles)
    pointing = run.mentioning(plan.articles)
    plan.add_paths(pointing)
    for article in (*articles, *_articles(_pressed_at(pointing) - plan.articles)):
        _press_article(run, article, frame)
    _press_sections(run, plan, articles, frame)
    if articles or plan.home or plan.sections:
        _put(run, pages.home_pages(frame))
    for topic in lists.topics_touched(plan.articles, plan.topics):
        lists.press_topic(run, topic, frame)
    for author in lists.authors_touched(plan.articles, plan.authors, plan.pictures):
        lists.press_author(run, author, frame)
    _press_premium(run, plan, articles, frame)
    if articles:
        moments = [a.first_published_at for a in articles if a.first_published_at]
        _press_sitemaps(run, frame, {reads.month_of(at) for at in moments})
    if plan.corrections or any(is_told(article) for article in articles):
        press_corrections(run, plan.correction_months, articles, frame)
    for page in StaticPage.objects.filter(slug__in=plan.static):
        run.put(pages.static_page(page, frame))
    if plan.wall:
        press_wall(run, frame)
    if plan.machines:
        press_machines(run, frame)
    if plan.networks:
        press_networks(run)
    _void_passes(run, plan)
    if plan.links:
        press_links(run, plan.links)


def _press_sections(run: PressRun, plan: Plan, articles: list[Article], frame: Frame) -> None:
    """The fronts of sections and titles that show one of the articles, and those asked for."""
    places = plan.sections | {article.section.place for article in articles}
    places |= {article.section.title.slug for article in articles if article.section.title}
    slugs = {place.rpartition("/")[2] for place in places}
    for section in Section.objects.filter(slug__in=slugs):
        if section.place in places:
            _put(run, pages.section_pages(section, frame))
    for title in Title.objects.filter(slug__in=places):
        _put(run, pages.title_pages(title, frame))


def _press_premium(run: PressRun, plan: Plan, articles: list[Article], frame: Frame) -> None:
    picked = {premium.day_of(a, frame) for a in articles if a.access_class == "premium"}
    days = {date.fromisoformat(day) for day in plan.premium_days} | {d for d in picked if d}
    if plan.premium or days:
        known = premium.known_days(frame)
        _put(run, premium.overview(frame, known))
        _put(run, premium.day_pages(sorted(days), frame, known))


def _press_sitemaps(run: PressRun, frame: Frame, months: set[str]) -> None:
    made = list(reads.sitemaps(frame, months=months))
    _put(run, made)
    # A month that needs fewer sitemaps than before leaves none of the old ones behind.
    paths = {page.path for page in made}
    for month in months:
        parts = sum(path.startswith(f"/sitemap-{month}") for path in paths)
        for number in range(parts + 1, parts + CHUNK):
            run.remove(f"/sitemap-{month}-{number}.xml")


def _void_passes(run: PressRun, plan: Plan) -> None:
    # The moment is now, after the commit of what changed: a pass made before it is too old.
    for reader in plan.readers:
        run.revoke(reader, clock.now().timestamp())


def _articles(wanted: Iterable[int]) -> list[Article]:
    return list(with_changes(Article.objects.filter(pk__in=wanted)))


def _pressed_at(paths: Iterable[str]) -> set[int]:
    return set(Article.objects.filter(path__in=paths).values_list("pk", flat=True))


def _press_article(run: PressRun, article: Article, frame: Frame) -> None:
    """One article that cannot be rendered is logged and does not stop the press: what stands at
    its address stays if readers may see it, and goes if they may not."""
    if not article.path:
        return
    try:
        made = list(pages.article_pages(article, frame))
    except Exception:
        logger.exception("Article %s could not be pressed.", article.pk)
        if not article.visible(frame.now):
            run.remove(article.path)
            media.put_media(run, article, ())
        return
    run.remove(article.path, keep=[page.variant for page in made])
    _put(run, made)
    media.put_media(run, article, made)


def _put(run: PressRun, made: Iterable[Page]) -> None:
    for page in made:
        run.put(page)


@papers_ways()
def _press_site(store: sqlite3.Connection, number: int) -> None:
    """Everything: the frame first, then articles in chunks, each a transaction of its own."""
    kept = {"!404", "!410", "!503"}
    keep_authority()
    _prepare(reads.on_fronts())
    with event(store) as run:
        frame = make_frame()
        press_frame(run, frame)
        kept |= {page.path for page in _fronts_and_lists(run, frame)}
    wanted = list(Article.objects.exclude(path=None).values_list("pk", flat=True))
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        _prepare(chunk)
        with event(store) as run:
            for article in _articles(chunk):
                _press_article(run, article, frame)
    kept |= lists.press_all(store)
    with event(store) as run:
        addresses = Article.objects.exclude(path=None).values_list("path", flat=True)
        kept |= {path for path in addresses if path}
        for path in set(run.paths()) - kept:
            run.remove(path)
        _put(run, pages.redirect_pages(kept))
        press_links(run)
        run.set_fact("cursor", str(number))


def _fronts_and_lists(run: PressRun, frame: Frame) -> list[Page]:
    known = premium.known_days(frame)
    made = [*pages.home_pages(frame), *reads.sitemaps(frame), *premium.overview(frame, known)]
    made += premium.day_pages(known, frame, known)
    for section in Section.objects.all():
        made += pages.section_pages(section, frame)
    for title in Title.objects.all():
        made += pages.title_pages(title, frame)
    written = StaticPage.objects.exclude(slug=CORRECTIONS.strip("/"))
    made += [pages.static_page(page, frame) for page in written]
    made += [*corrections_pages(frame, known_months(frame)), pages.nameplate(frame)]
    _put(run, made)
    return [*made, press_machines(run, frame)]


def press_everything() -> None:
    """Announce the whole paper and press it."""
    announce(Subject.SITE)
    catch_up()
