"""What Wagtail's admin shows of the desk: menu, first screen, addresses, view sets."""

from collections.abc import Mapping
from typing import Any

from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.search import SearchArea
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.contrib.settings.registry import registry

from broadsheet.desk.models import Paper, Redirect, StaticPage
from broadsheet.desk.newsroom import (
    acts,
    compare,
    log,
    names,
    pictures,
    places,
    premium,
    proposals,
    queues,
    rules,
    screens,
)
from broadsheet.desk.newsroom.rights import SectionRightViewSet
from broadsheet.desk.reads.queue_rows import rows_of
from broadsheet.desk.reads.queues import ALL, QUEUES, Queue, count
from broadsheet.kit import clock

Paper.panels = [
    MultiFieldPanel(
        [FieldPanel(n) for n in ("name", "nameplate", "tagline", "description")], _("Name")
    ),
    MultiFieldPanel([FieldPanel("language"), FieldPanel("time_zone")], _("Place")),
    FieldPanel("premium_promise"),
]


class StaticPageViewSet(ModelViewSet):
    """Imprint, terms, privacy, corrections policy."""

    model = StaticPage
    icon = "doc-empty"
    form_fields = ("title", "slug", "body", "order")
    list_display = ("title", "slug")
    copy_view_enabled = False


class RedirectViewSet(ModelViewSet):
    """Addresses that moved."""

    model = Redirect
    icon = "redirect"
    form_fields = ("path", "to")
    list_display = ("path", "to")
    search_fields = ("path", "to")
    inspect_view_enabled = False
    copy_view_enabled = False


class PublisherGroup(ModelViewSetGroup):
    """What the publisher arranges."""

    menu_label = _("The paper")
    menu_icon = "site"
    menu_order = 300
    items = (
        places.TitleViewSet("titles"),
        places.SectionViewSet("sections"),
        places.TimeRuleViewSet("time_rules"),
        StaticPageViewSet("static_pages"),
        names.TopicViewSet("topics"),
        names.AuthorViewSet("authors"),
        rules.RuleViewSet("rules"),
        RedirectViewSet("redirects"),
        SectionRightViewSet("section_rights"),
    )


class IncomingPanel(Component):
    """The desk's first screen: how many wait where, and what came in, newest first."""

    name = "incoming"
    template_name = "desk/panels/incoming.html"
    order = 10

    def __init__(self, user: Any) -> None:
        self.user = user

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The newest 30."""
        newest = ALL.rows(clock.now()).order_by(f"-{ALL.place}", "-pk")[:30]
        rows = rows_of(ALL, newest)
        return {
            "queue": ALL,
            "lines": queues.lines(self.user, ALL, rows),
            "tabs": queues.tabs(),
            "zone": timezone.get_current_timezone_name(),
            "here": reverse("wagtailadmin_home"),
        }


class PermittedItem(MenuItem):
    """A menu item for those who may change articles."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may open it."""
        return bool(request.user.has_perm("desk.change_article"))


class QueueItem(PermittedItem):
    """A queue, with how many wait in it."""

    def __init__(self, queue: Queue, order: int) -> None:
        super().__init__(
            queue.label, reverse_lazy("desk_queue", args=[queue.name]), name=f"queue-{queue.name}",
            icon_name=queue.icon, order=order,
        )  # fmt: skip
        self.queue = queue

    def render_component(self, request: Any) -> Any:
        """Counted for each page that shows the menu; the count is bounded."""
        waiting = count(self.queue, clock.now())
        label = f"{self.label} ({queues.shown(waiting)})" if waiting else str(self.label)
        return LinkMenuItem(self.name, label, self.url, icon_name=self.icon_name)


def queues_menu() -> SubmenuMenuItem:
    """Every queue, below one entry."""
    items = [QueueItem(queue, order) for order, queue in enumerate(QUEUES)]
    return SubmenuMenuItem(
        _("Queues"), Menu(items=items), name="queues", icon_name="tasks", order=105
    )


class ArticleSearch(SearchArea):
    """The menu's search box, for those who may change articles."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may open what it finds."""
        return bool(request.user.has_perm("desk.change_article"))


def article_search() -> SearchArea:
    """First among the search areas, so that the box asks it."""
    url = reverse("wagtailsnippets_desk_article:list")
    return ArticleSearch(_("Articles"), url, name="articles", icon_name="doc-full", order=1)


def menu_items() -> list[MenuItem]:
    """The desk's entries in the menu."""
    return [
        PermittedItem(
            ALL.label, reverse("desk_incoming"), name="incoming", icon_name=ALL.icon, order=100
        ),
        queues_menu(),
        PermittedItem(
            _("Premium"), reverse("desk_premium"), name="premium", icon_name="pick", order=130
        ),
        PermittedItem(
            _("Pictures"), reverse("desk_pictures"), name="pictures", icon_name="image", order=115
        ),
    ]  # fmt: skip


ADDRESSES = [
    path("premium/", premium.premium, name="desk_premium"),
    path("premium/<int:pk>/", premium.pick, name="desk_pick"),
    path("incoming/", queues.incoming, name="desk_incoming"),
    path("incoming/<int:pk>/", screens.item, name="desk_item"),
    path("incoming/<int:pk>/article/", screens.make_article, name="desk_make_article"),
    path("incoming/<int:pk>/publish/", screens.publish_item, name="desk_publish_item"),
    path("incoming/<int:pk>/discard/", screens.discard, name="desk_discard"),
    path("incoming/<int:pk>/put-back/", screens.put_back, name="desk_put_back"),
    path("queues/<slug:name>/", queues.queue, name="desk_queue"),
    path("quarantine/<int:pk>/replay/", screens.replay, name="desk_replay"),
    path("pictures/", pictures.library, name="desk_pictures"),
    path("pictures/<int:pk>/", pictures.uses, name="desk_picture_uses"),
    path("pictures/<int:picture>/size/<str:spec>/", pictures.rendition, name="desk_rendition"),
    path("articles/<int:pk>/release/<slug:field>/", acts.release, name="desk_release"),
    path("articles/<int:pk>/keep-headline/", acts.keep_headline, name="desk_keep_headline"),
    path("articles/<int:pk>/compare/", compare.compare, name="desk_compare"),
    path("articles/<int:pk>/correct/", acts.correct, name="desk_correct"),
    path("articles/<int:pk>/hold/", acts.hold, name="desk_hold"),
    path("articles/<int:pk>/release-hold/", acts.release_hold, name="desk_release_hold"),
    path("articles/<int:pk>/withdraw/", acts.withdraw, name="desk_withdraw"),
    path("articles/<int:pk>/log/", log.log, name="desk_log"),
    path("edits/<int:pk>/bring-back/", log.bring_back, name="desk_bring_back"),
    path("notices/<int:pk>/replace/", acts.amend, name="desk_amend"),
    path("notices/<int:pk>/take-back/", acts.take_back, name="desk_take_back"),
    path("notices/<int:pk>/seen/", acts.seen, name="desk_seen"),
    *rules.ADDRESSES,
    *names.ADDRESSES,
    *proposals.ADDRESSES,
]


def register_settings() -> None:
    """The paper's own settings, under Settings."""
    registry.register(Paper, icon="site")
