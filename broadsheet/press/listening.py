"""What the press hears: announcements at once, and settings that change every page."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.utils import timezone, translation

from broadsheet.accounts.models import ConsentPolicy
from broadsheet.ads.models import HouseAd
from broadsheet.desk import preview
from broadsheet.desk.models import (
    Article,
    Author,
    Paper,
    Picture,
    Redirect,
    Section,
    StaticPage,
    TimeRule,
    Title,
    Topic,
)
from broadsheet.desk.models.topics import OWN
from broadsheet.fronts.models import Front
from broadsheet.ledger.models import Seller
from broadsheet.press import actions, pages
from broadsheet.press.frame import make_frame
from broadsheet.press.models import MachinesPolicy
from broadsheet.press_log.models import Entry, Subject, announce, announced
from broadsheet.subscriptions.models import (
    Entitlement,
    FreeLimit,
    Institution,
    LinkPolicy,
    MeterPolicy,
    Plan,
    SalesPolicy,
)
from broadsheet.wire.models import Source

WATCHED = (
    Paper, Title, Section, TimeRule, HouseAd, MeterPolicy, FreeLimit, SalesPolicy, Seller,
    Plan,
    Entitlement, Front, StaticPage, Redirect, Institution, MachinesPolicy, LinkPolicy,
    ConsentPolicy,
)  # fmt: skip


def connect() -> None:
    """Called once when a process with Django starts."""
    announced.connect(press_announced, dispatch_uid="press.announced")
    preview.register(render_preview)
    post_save.connect(announce_picture, sender=Picture, dispatch_uid="press.Picture")
    pre_delete.connect(announce_picture, sender=Picture, dispatch_uid="press.-Picture")
    post_save.connect(announce_source, sender=Source, dispatch_uid="press.Source")
    post_save.connect(announce_topic, sender=Topic, dispatch_uid="press.Topic")
    pre_save.connect(note_name, sender=Author, dispatch_uid="press.Author.name")
    post_save.connect(announce_author, sender=Author, dispatch_uid="press.Author")
    for model in WATCHED:
        post_save.connect(announce_saved, sender=model, dispatch_uid=f"press.{model.__name__}")
        post_delete.connect(announce_saved, sender=model, dispatch_uid=f"press.-{model.__name__}")


def announce_picture(sender: type, instance: Picture, **_: Any) -> None:
    """A picture's credit, caption, rights or file changed, or it goes: all that shows it."""
    announce(Subject.PICTURE, instance.pk)


def announce_source(sender: type, instance: Source, created: bool, **_: Any) -> None:
    """How an agency is called, or where its reports may be found: on each page that shows one.

    After the commit, so that the log's counter is not taken before the desk has locked the
    articles whose licence changes: whoever works at an article takes it the other way round.
    """
    if not created:
        transaction.on_commit(lambda: announce(Subject.SITE))


def announce_topic(sender: type, instance: Topic, created: bool, **_: Any) -> None:
    """A topic of ours is called otherwise: on its page and on each report that carries it."""
    if not created and instance.code.startswith(OWN):
        announce(Subject.SITE)


def note_name(sender: type, instance: Author, **_: Any) -> None:
    """How the author was called before."""
    before = Author.objects.filter(pk=instance.pk).values_list("name", flat=True).first()
    instance.known_as = before or ""


def announce_author(sender: type, instance: Author, created: bool, **_: Any) -> None:
    """An author's page; a new name stands on everything that the author wrote."""
    if not created and instance.known_as == instance.name:
        announce(Subject.PAGE, instance.path)
    elif not created:
        announce(Subject.SITE)


def press_announced(sender: object, entry: Entry, **_: Any) -> None:
    """In the request that made the change, after its commit."""
    actions.press_now(entry)


def announce_saved(sender: type, instance: Any, **_: Any) -> None:
    """A setting changed: the smallest set of pages that shows it."""
    if sender is Front:
        announce(Subject.FRONT, instance.place)
    elif sender in (MeterPolicy, FreeLimit, SalesPolicy, Seller, Entitlement):
        announce(Subject.WALL)
    elif sender is Institution:
        announce(Subject.INSTITUTION)
    elif sender is MachinesPolicy:
        announce(Subject.MACHINES)
    elif sender is Plan:
        announce(Subject.WALL)
        if Plan.objects.filter(on_sale=True).count() < 2:
            # The first plan put on sale, or the last one taken off: every page has a door to them.
            announce(Subject.SITE)
    else:
        announce(Subject.SITE)


def render_preview(article: Article) -> str:
    """A draft with the press's own templates, in the paper's language and zone."""
    frame = make_frame()
    with translation.override(frame.paper.language), timezone.override(frame.zone):
        return pages.preview(article, frame)
