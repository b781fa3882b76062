"""An empty paper: database, groups, settings, static pages, static files, first press."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection, transaction
from wagtail.models import Collection, GroupCollectionPermission

from broadsheet.accounts.actions import EDITORS
from broadsheet.config.tables import make_tables
from broadsheet.demo.notation import to_html
from broadsheet.desk.models import Article, Paper, Section, StaticPage
from broadsheet.kit.say import Refusal
from broadsheet.press import actions as press
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions.actions import make_entitlements
from broadsheet.subscriptions.models import MeterPolicy
from broadsheet.wire.models import Feed

PAGES = Path(__file__).resolve().parent.parent / "demo" / "pages"

UNNAMED = "My Paper"

EDITOR_RIGHTS = (
    "wagtailadmin.access_admin",
    *(f"desk.{verb}_article" for verb in ("add", "change", "publish", "withdraw", "view")),
    "desk.withdraw_picture",
    *(f"desk.{verb}_article" for verb in ("correct", "hold", "credit", "lock", "unlock")),
    *(f"desk.{verb}_section" for verb in ("view",)),
    *(f"desk.{verb}_topic" for verb in ("add", "change", "view")),
    *(f"desk.{verb}_author" for verb in ("add", "change", "view")),
    *(f"fronts.{verb}_front" for verb in ("add", "change", "view")),
    "subscriptions.share_article",
    *(f"wire.{verb}" for verb in ("view_item", "view_fetch", "change_fetch", "view_feed")),
)
"""What an editor may do; settings, accounts, rules and feeds are the publisher's."""

PICTURE_RIGHTS = tuple(f"wagtailimages.{verb}_image" for verb in ("add", "change", "choose"))
"""In the root collection. Wagtail asks for those of its own model, whatever model a site uses."""


def exists() -> bool:
    """Whether there is a paper in the database already."""
    tables = connection.introspection.table_names()
    return "desk_paper" in tables and Paper.objects.exists()


def in_use() -> bool:
    """Whether somebody has made this paper their own: articles, feeds or a name."""
    named = Paper.objects.exclude(name=UNNAMED).exists()
    return named or Article.objects.exists() or Feed.objects.exists()


def make_paper(*, pressed: bool = True) -> None:
    """Make an empty paper, ready to serve. Raises Refusal when there is one already."""
    if exists():
        raise Refusal(f"There is a paper in {settings.HOME} already.", "Nothing was changed.")
    for folder in ("run", "journal", "blobs", "media", "static"):
        (settings.HOME / folder).mkdir(exist_ok=True)
    make_tables()
    with gathered(), transaction.atomic():
        _seed()
    collect_static()
    if pressed:
        press.press_everything()


def _seed() -> None:
    env = settings.ENV
    make_groups()
    make_entitlements()
    Paper.objects.create(name=UNNAMED)
    MeterPolicy.objects.create(
        free_anonymous=env.free_articles, free_registered=env.free_articles_registered
    )
    Section.objects.create(slug="news", name="News", order=10)
    for order, path in enumerate(sorted(PAGES.glob("*.toml"))):
        page = tomllib.loads(path.read_text())
        body = to_html(page["body"])
        made = StaticPage(slug=page["slug"], title=page["title"], body=body, order=10 * order)
        made.full_clean()
        made.save()


def make_groups() -> None:
    """The group Editors with its rights; rights that a later version adds are given again."""
    editors, _ = Group.objects.get_or_create(name=EDITORS)
    editors.permissions.add(*_permissions(EDITOR_RIGHTS))
    root = Collection.get_first_root_node()
    for permission in _permissions(PICTURE_RIGHTS):
        GroupCollectionPermission.objects.get_or_create(
            group=editors, collection=root, permission=permission
        )
    for group in Group.objects.filter(name="Moderators"):
        group.delete()


def _permissions(rights: Iterable[str]) -> list[Permission]:
    """The permissions of rights written as "app.codename", in one query."""
    pairs = [right.split(".") for right in rights]
    found = Permission.objects.select_related("content_type").filter(
        codename__in={codename for _, codename in pairs}
    )
    return [p for p in found if [p.content_type.app_label, p.codename] in pairs]


def collect_static() -> None:
    """Put static files under hashed names where the gate finds them."""
    call_command("collectstatic", verbosity=0, interactive=False)
