"""The article's screens: Wagtail's snippet views around a form that respects the wire."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse, reverse_lazy
from django.utils import formats, timezone
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext
from django_filters import ChoiceFilter, ModelChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.snippets.views.snippets import EditView, SnippetViewSet, UnpublishView

from broadsheet.desk.access import classes, shown
from broadsheet.desk.actions.notices import GRACE
from broadsheet.desk.forms import ArticleForm
from broadsheet.desk.models import Article, Paper, Title
from broadsheet.desk.newsroom.pictures import WirePicturesPanel
from broadsheet.desk.newsroom.rights import SectionPolicy, by_section
from broadsheet.desk.reads.beside import beside
from broadsheet.desk.reads.growing import earlier_report, later_reports
from broadsheet.desk.reads.likeness import alike
from broadsheet.desk.reads.open_elsewhere import open_elsewhere
from broadsheet.desk.reads.queues import planned
from broadsheet.desk.reads.rights import ACTIONS, may_change
from broadsheet.desk.reads.shown import wire_date
from broadsheet.desk.wording import disclosure_text
from broadsheet.kit import clock


def _disclosure(article: Article, agency: str) -> str:
    """The note as readers see it: in the paper's language, whatever the editor's is."""
    paper = Paper.load()
    with override(paper.language):
        return disclosure_text(article.disclosure, paper=paper.name, agency=agency)


class ProvenancePanel(Panel):
    """Who owns what, the wire's words beside ours, and what the desk can do about it."""

    class BoundPanel(Panel.BoundPanel):
        """Bound to one article."""

        template_name = "desk/panels/provenance.html"

        def is_shown(self) -> bool:
            """Own articles have no wire, but can be corrected and withdrawn once published."""
            return bool(self.instance.pk)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """The article with its wire."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            article = Article.objects.select_related("item__source", "item__latest", "basis").get(
                pk=self.instance.pk
            )
            agency = article.item.source.agency if article.item else ""
            context |= {
                "article": article,
                "agency": agency,
                "disclosure": _disclosure(article, agency),
                "beside": beside(article),
                "alike": alike(article.item_id),
                "open_at": open_elsewhere(self.instance.pk, self.request.user),
                "earlier": earlier_report(article),
                "later": later_reports(article),
                "owned": article.owned,
                "wire_date": wire_date(article),
                "may": {name: may_change(self.request.user, article, name) for name in ACTIONS},
                "notices": list(article.notices.select_related("by")),
                "fresh": clock.now() - GRACE,
                "zone": timezone.get_current_timezone_name(),
            }
            return context


class WireBodyPanel(Panel):
    """The wire's body, read only: rich-text editors drop tables, figures and quotations."""

    class BoundPanel(Panel.BoundPanel):
        """Bound to one article."""

        template_name = "desk/panels/wire_body.html"

        def is_shown(self) -> bool:
            """As long as the body is the wire's and the form does not offer to rework it."""
            return self.instance.item_id is not None and "body" not in self.form.fields

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """The body as readers see it."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            rework = reverse("wagtailsnippets_desk_article:edit", args=[self.instance.pk])
            return context | {"body": self.instance.full_body, "rework_url": f"{rework}?rework=1"}


PANELS = [
    ProvenancePanel(),
    FieldPanel("headline", widget=AdminAutoHeightTextInput),
    FieldPanel("standfirst"),
    FieldPanel("authors"),
    FieldRowPanel([FieldPanel("byline"), FieldPanel("dateline")]),
    MultiFieldPanel([FieldPanel("picture"), FieldPanel("no_picture")], heading=_("Picture")),
    WirePicturesPanel(heading=_("The wire's pictures")),
    WireBodyPanel(heading=_("The wire's text")),
    FieldPanel("body"),
    FieldPanel("reason"),
]
PLACE = [
    FieldPanel("section"),
    FieldPanel("topics"),
    FieldPanel("kicker"),
    FieldPanel("access"),
    FieldPanel("news_value"),
    FieldPanel("embargo_until"),
    PublishingPanel(),
]


class ArticleEditView(EditView):
    """Opens the body for reworking only when asked to."""

    def get_object(self, queryset: Any = None) -> Any:
        """The latest draft, marked when the editor asked to rework the body."""
        article = super().get_object(queryset)
        article.reworking = "rework" in self.request.GET
        return article

    def user_has_permission(self, permission: str) -> bool:
        """In this article's section: what is not granted there is not offered."""
        granted = bool(super().user_has_permission(permission))
        if permission not in ("change", "publish") or self.object is None:
            return granted
        return granted and may_change(self.request.user, self._row(), permission)

    def get_available_actions(self) -> list[str]:
        """Publishing only where the editor may publish, whatever was posted."""
        actions: list[str] = super().get_available_actions()
        may_publish = may_change(self.request.user, self._row(), "publish")
        return [action for action in actions if action != "publish" or may_publish]

    def _row(self) -> Article:
        """The article as readers have it: a draft may have been moved to another section."""
        row: Article = getattr(self, "live_object", None) or self.object
        return row


class ArticleUnpublishView(UnpublishView):
    """Takes an article off the site and tells the press in one transaction."""

    def unpublish(self) -> Any:
        """All of it or nothing."""
        with transaction.atomic():
            return super().unpublish()


def _access(article: Article) -> str:
    """The access class by its name; an entitlement is its own name."""
    return shown(article.access_class)


def _state(article: Any) -> str:
    """What readers have of it. Wagtail's own column asks the database once for each row."""
    if article.withdrawn_at:
        return pgettext("status", "withdrawn")
    if article.held:
        return pgettext("status", "held")
    if article.planned:
        return pgettext("status", "scheduled")
    if not article.live:
        return pgettext("status", "draft")
    changed = pgettext("status", "published, with a newer draft")
    return changed if article.has_unpublished_changes else pgettext("status", "published")


def _times(article: Any) -> str:
    """When readers get it and until when, in the paper's zone; empty: now and for good."""
    starts = [article.embargo_until, article.wire_embargo_until, article.planned]
    start = max((moment for moment in starts if moment is not None), default=None)
    ends = [m for m in (article.expire_at, article.wire_expires) if m is not None]
    said = []
    if start is not None and start > clock.now():
        said.append(say("from %(at)s") % {"at": _moment(start)})
    if ends:
        said.append(say("until %(at)s") % {"at": _moment(min(ends))})
    return ", ".join(said)


def _moment(at: datetime) -> str:
    return str(formats.date_format(timezone.localtime(at), "DATETIME_FORMAT"))


class ArticleFilters(WagtailFilterSet):
    """By title, section, access and whether readers have it."""

    title = ModelChoiceFilter(
        field_name="section__title", queryset=Title.objects.all(), label=_("Title of the house"),
        null_label=_("The paper"),
    )  # fmt: skip
    access = ChoiceFilter(choices=classes, label=_("Access"))

    class Meta:
        """As the list has them."""

        model = Article
        fields: ClassVar[list[str]] = ["title", "section", "access", "live"]


class ArticleViewSet(SnippetViewSet):
    """Articles in the desk."""

    model = Article
    icon = "doc-full"
    menu_label = _("Articles")
    menu_order = 110
    add_to_admin_menu = True
    edit_view_class = ArticleEditView
    unpublish_view_class = ArticleUnpublishView
    list_per_page = 50
    list_display = (
        "shown_headline",
        Column("section", label=_("Section")),
        Column("access_class", label=_("Access"), accessor=_access),
        Column("state", label=_("Status"), accessor=_state),
        Column("when", label=_("Appears and ends"), accessor=_times),
        Column("locked_by", label=_("Locked by")),
        DateColumn("first_published_at", label=_("Published"), width="12%"),
    )
    filterset_class = ArticleFilters
    search_fields = ("search_text", "headline")
    ordering = ("-first_published_at", "-id")
    copy_view_enabled = False
    # Wagtail's own is translated once, for the language of whoever asks first.
    breadcrumbs_items: ClassVar[list[dict[str, Any]]] = [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
    ]
    permission_policy = SectionPolicy(Article)
    edit_handler = TabbedInterface(
        [
            ObjectList(PANELS, heading=_("Report")),
            ObjectList(PLACE, heading=_("Place and access")),
        ],
        base_form_class=ArticleForm,
    )

    def get_queryset(self, request: Any) -> Any:
        """With what the list shows, in one query."""
        found = Article.objects.select_related("section__title", "locked_by")
        listed = found.defer("body", "search_text", "shown_standfirst")
        return listed.annotate(planned=planned(clock.now()))

    def get_urlpatterns(self) -> list[Any]:
        """Wagtail's, each asked by section first: none is forgotten."""
        patterns: list[Any] = super().get_urlpatterns()
        for pattern in patterns:
            pattern.callback = by_section(pattern.callback, pattern.name)
        return patterns
