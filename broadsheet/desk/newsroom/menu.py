"""What Wagtail's admin shows of the desk: menu, first screen, addresses, view sets."""

from collections.abc import Mapping
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.search import SearchArea
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.contrib.settings.registry import registry

from broadsheet.desk.models import Paper, Redirect, Section, StaticPage
from broadsheet.desk.newsroom import pictures, premium, proposals, rules, screens
from broadsheet.desk.reads import incoming as reads

Paper.panels = [
    MultiFieldPanel(
        [FieldPanel(n) for n in ("name", "nameplate", "tagline", "description")], _("Name")
    ),
    MultiFieldPanel([FieldPanel("language"), FieldPanel("time_zone")], _("Place")),
    FieldPanel("premium_promise"),
]


class SectionViewSet(ModelViewSet):
    """Sections."""

    model = Section
    icon = "folder-open-inverse"
    form_fields = ("name", "slug", "description", "order", "access")
    list_display = ("name", "slug", "order")
    inspect_view_enabled = False
    copy_view_enabled = False


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
        SectionViewSet("sections"),
        StaticPageViewSet("static_pages"),
        rules.RuleViewSet("rules"),
        RedirectViewSet("redirects"),
    )


class IncomingPanel(Component):
    """The desk's first screen: what came in, newest first."""

    name = "incoming"
    template_name = "desk/panels/incoming.html"
    order = 10

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The newest 30."""
        rows = [reads.row(item) for item in reads.items()[:30]]
        return {"rows": rows, "quarantined": screens.quarantined()}


class PermittedItem(MenuItem):
    """A menu item for those who may change articles."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may open it."""
        return bool(request.user.has_perm("desk.change_article"))


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
            _("What came in"), reverse("desk_incoming"), name="incoming", icon_name="download",
            order=100,
        ),
        PermittedItem(
            _("Quarantine"), reverse("desk_quarantine"), name="quarantine", icon_name="warning",
            order=120,
        ),
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
    path("incoming/", screens.incoming, name="desk_incoming"),
    path("incoming/<int:pk>/", screens.item, name="desk_item"),
    path("incoming/<int:pk>/article/", screens.make_article, name="desk_make_article"),
    path("quarantine/", screens.quarantine, name="desk_quarantine"),
    path("quarantine/<int:pk>/replay/", screens.replay, name="desk_replay"),
    path("pictures/", pictures.library, name="desk_pictures"),
    path("pictures/<int:pk>/", pictures.uses, name="desk_picture_uses"),
    path("pictures/<int:picture>/size/<str:spec>/", pictures.rendition, name="desk_rendition"),
    path("articles/<int:pk>/release/<slug:field>/", screens.release, name="desk_release"),
    path("articles/<int:pk>/compare/", screens.compare, name="desk_compare"),
    path("articles/<int:pk>/correct/", screens.correct, name="desk_correct"),
    path("articles/<int:pk>/withdraw/", screens.withdraw, name="desk_withdraw"),
    *rules.ADDRESSES,
    *proposals.ADDRESSES,
]


def register_settings() -> None:
    """The paper's own settings, under Settings."""
    registry.register(Paper, icon="site")
