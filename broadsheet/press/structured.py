"""schema.org metadata of an article, true to provenance (wire.md, section 6)."""

import json
from typing import Any

from broadsheet.desk.models import Article
from broadsheet.look.parts import ArticleView, PaperView
from broadsheet.press.images import image_object


def json_ld(article: Article, view: ArticleView, paper: PaperView) -> str:
    """NewsArticle as a JSON text that may stand inside a script element."""
    publisher = {"@type": "NewsMediaOrganization", "name": paper.name, "url": paper.origin + "/"}
    changed = view.changed or view.card.published
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": view.card.headline[:110],
        "description": view.card.standfirst,
        "datePublished": view.card.published.isoformat(),
        "dateModified": changed.isoformat(),
        "mainEntityOfPage": view.canonical,
        "articleSection": view.card.section.title,
        "inLanguage": paper.language,
        "publisher": publisher,
        "author": _author(view, publisher),
        "isAccessibleForFree": view.card.access == "open",
    }
    if view.card.access != "open":
        data["hasPart"] = {
            "@type": "WebPageElement",
            "isAccessibleForFree": False,
            "cssSelector": ".paywall",
        }
    if view.card.picture is not None:
        data["image"] = [image_object(view.card.picture, paper.origin)]
    data |= _provenance(article, view) | _corrections(view)
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _author(view: ArticleView, publisher: dict[str, Any]) -> dict[str, Any]:
    if view.card.agency:
        return {"@type": "Organization", "name": view.card.agency}
    return {"@type": "Person", "name": view.card.byline} if view.card.byline else publisher


def _provenance(article: Article, view: ArticleView) -> dict[str, Any]:
    if article.item is None or article.basis is None:
        return {}
    link = str(article.basis.fields.get("link") or article.item.key)
    return {
        "isBasedOn": link,
        "sourceOrganization": {"@type": "Organization", "name": view.card.agency},
        "creditText": view.disclosure,
    }


def _corrections(view: ArticleView) -> dict[str, Any]:
    notes = [n for n in view.notices if n.kind in ("correction", "clarification")]
    if not notes:
        return {}
    comments = [
        {"@type": "CorrectionComment", "text": n.text, "datePublished": n.at.isoformat()}
        for n in notes
    ]
    return {"correction": comments}
