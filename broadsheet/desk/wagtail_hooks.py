"""Registers the desk's screens with Wagtail."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.snippets.models import register_snippet

from broadsheet.desk.models import Article, Picture
from broadsheet.desk.newsroom import menu
from broadsheet.desk.newsroom.articles import ArticleViewSet
from broadsheet.desk.reads.rights import may, may_change
from broadsheet.kit import clock

register_snippet(ArticleViewSet)
menu.register_settings()


@hooks.register("register_admin_urls")
def desk_addresses() -> list[Any]:
    """The desk's own screens."""
    return menu.ADDRESSES


@hooks.register("register_admin_menu_item")
def incoming_item() -> Any:
    """What came in."""
    return menu.menu_items()[0]


@hooks.register("register_admin_menu_item")
def queues_item() -> Any:
    """The queues, each with its count."""
    return menu.menu_items()[1]


@hooks.register("register_admin_menu_item")
def premium_item() -> Any:
    """Premium."""
    return menu.menu_items()[2]


@hooks.register("register_admin_menu_item")
def pictures_item() -> Any:
    """The picture library."""
    return menu.menu_items()[3]


@hooks.register("construct_image_chooser_queryset")
def only_lasting(found: Any, request: Any) -> Any:
    """Nobody chooses a picture whose rights are over."""
    return found.exclude(pk__in=Picture.objects.over(clock.now()).values("pk"))


@hooks.register("register_admin_viewset")
def publisher_screens() -> Any:
    """Sections, static pages, rules."""
    return menu.PublisherGroup()


@hooks.register("before_delete_snippet")
def no_deletion(request: Any, snippets: Any) -> Any:
    """Among several selected at once too: a published report is withdrawn, with a reason.

    And nobody deletes a draft of a section that is not theirs.
    """
    articles = [snippet for snippet in snippets if isinstance(snippet, Article)]
    if not all(may_change(request.user, article) for article in articles):
        raise PermissionDenied
    if any(article.path for article in articles):
        messages.error(request, _("A published report is withdrawn, not deleted."))
        return redirect("wagtailsnippets_desk_article:list")
    return None


@hooks.register("construct_homepage_panels")
def first_screen(request: Any, panels: list[Any]) -> None:
    """Only what came in: there are no page trees or workflows here."""
    editor = request.user.has_perm("desk.change_article")
    panels[:] = [menu.IncomingPanel(request.user)] if editor else []


@hooks.register("construct_homepage_summary_items")
def no_summary(request: Any, items: list[Any]) -> None:
    """No counts of pages, images and documents."""
    items.clear()


@hooks.register("register_admin_search_area")
def search_articles() -> Any:
    """The search box of the menu looks through articles, the paper having no Wagtail pages."""
    return menu.article_search()


@hooks.register("construct_main_menu")
def no_page_tree(request: Any, items: list[Any]) -> None:
    """The paper has no Wagtail pages, documents or reports to show."""
    hidden = {"explorer", "documents", "reports", "snippets", "help", "search", "images"}
    items[:] = [item for item in items if item.name not in hidden]


@hooks.register("construct_snippet_action_menu")
def publish_first(items: list[Any], request: Any, context: dict[str, Any]) -> None:
    """A newsroom publishes: the button that is shown first is Publish, drafts save themselves.

    Who may not publish in the article's section is not offered it.
    """
    if context.get("model") is not Article:
        return
    article = context.get("instance")
    section = article.section_id if article is not None else None
    if not may(request.user, "publish", section):
        hidden = ("action-publish", "action-unpublish")
        items[:] = [item for item in items if item.name not in hidden]
    publish = next((item for item in items if item.name == "action-publish"), None)
    if publish is not None:
        items.remove(publish)
        items.insert(0, publish)


@hooks.register("insert_global_admin_css")
def desk_css() -> str:
    """The desk's few rules of its own."""
    return format_html('<link rel="stylesheet" href="{}">', static("desk/desk.css"))
