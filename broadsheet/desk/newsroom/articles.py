"""The article's screens: Wagtail's snippet views around a form that respects the wire."""

from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column, DateColumn, LiveStatusTagColumn
from wagtail.admin.widgets import AdminAutoHeightTextInput
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import EditView, SnippetViewSet, UnpublishView

from broadsheet.desk.forms import ArticleForm
from broadsheet.desk.models import Article, Paper
from broadsheet.desk.models.paper import ACCESS
from broadsheet.desk.newsroom.pictures import WirePicturesPanel
from broadsheet.desk.reads.incoming import beside
from broadsheet.desk.reads.shown import wire_date
from broadsheet.desk.wording import disclosure_text


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
                "owned": article.owned,
                "wire_date": wire_date(article),
                "can_withdraw": self.request.user.has_perm("desk.withdraw_article"),
                "notices": article.notices.all(),
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
    FieldRowPanel([FieldPanel("byline"), FieldPanel("dateline")]),
    MultiFieldPanel([FieldPanel("picture"), FieldPanel("no_picture")], heading=_("Picture")),
    WirePicturesPanel(heading=_("The wire's pictures")),
    WireBodyPanel(heading=_("The wire's text")),
    FieldPanel("body"),
]
PLACE = [
    FieldPanel("section"),
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


class ArticleUnpublishView(UnpublishView):
    """Takes an article off the site and tells the press in one transaction."""

    def unpublish(self) -> Any:
        """All of it or nothing."""
        with transaction.atomic():
            return super().unpublish()


class NoDeletion(ModelPermissionPolicy):
    """Articles are withdrawn, never deleted: nobody has the right, the publisher neither."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """As Django's permissions say, but for deletion."""
        return action != "delete" and bool(super().user_has_permission(user, action))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """As above, for several actions."""
        allowed = [action for action in actions if action != "delete"]
        return bool(super().user_has_any_permission(user, allowed))


def _access(article: Article) -> str:
    """The access class by its name; an entitlement is its own name."""
    return str(dict(ACCESS).get(article.access_class, article.access_class))


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
        LiveStatusTagColumn(),
        DateColumn("first_published_at", label=_("Published"), width="12%"),
    )
    list_filter = ("section", "access", "live")
    search_fields = ("search_text", "headline")
    ordering = ("-first_published_at", "-id")
    copy_view_enabled = False
    # Wagtail's own is translated once, for the language of whoever asks first.
    breadcrumbs_items: ClassVar[list[dict[str, Any]]] = [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
    ]
    permission_policy = NoDeletion(Article)
    edit_handler = TabbedInterface(
        [
            ObjectList(PANELS, heading=_("Report")),
            ObjectList(PLACE, heading=_("Place and access")),
        ],
        base_form_class=ArticleForm,
    )

    def get_queryset(self, request: Any) -> Any:
        """With what the list shows, in one query."""
        return Article.objects.select_related("section")
