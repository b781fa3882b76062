"""What the head of an article's page tells machines: schema.org, Open Graph, robots.

One place for all of it, so that no two machines are told different things. True to provenance:
the agency is the author of what it wrote.
"""

import json
from typing import Any

from broadsheet.desk.models import Article
from broadsheet.kit.html import absolute
from broadsheet.look.parts import ArticleView, HeadView, PaperView, PictureView
from broadsheet.press.frame import CORRECTIONS, Frame
from broadsheet.press.images import image_object
from broadsheet.press.reports import article_id, based_on, brief, tags_of, topics_of
from broadsheet.wire.media_topics import address_of

LOGO = "/nameplate.svg"
LONGEST_HEADLINE = 110
"""Characters of a headline (Google Search Central, "Article structured data")."""

PRINCIPLES = ("/principles/", "/standards/", "/about/")
"""Static pages that say by what principles the paper works, the fullest first."""


def head(article: Article, view: ArticleView, frame: Frame) -> HeadView:
    """Everything for the head of the article's page, by the access that the view tells."""
    source = article.item.source if article.item else None
    link = based_on(article)
    elsewhere = source is not None and source.canonical_to_source
    return HeadView(
        canonical=link if elsewhere and link.startswith("http") else view.canonical,
        robots=_robots(view.card.access, noindex=source is not None and source.noindex),
        properties=tuple(_properties(article, view, frame.paper)),
        json_ld=json_ld(article, view, frame),
    )


def _robots(access: str, *, noindex: bool) -> str:
    """What search engines are asked. None keeps a copy of what is not free for everybody: it
    might be the whole report that its crawler was given."""
    asked = ("noindex" * noindex, "noarchive" * (access != "open"))
    return ", ".join(filter(None, asked))


def description(view: ArticleView) -> str:
    """One or two lines: the standfirst, else how the text begins; never more than the teaser."""
    shown = view.open_html if view.card.access == "open" else view.teaser_html
    return brief(view.card.standfirst, shown)


def profile(
    name: str, path: str, biography: str, portrait: PictureView | None, paper: PaperView
) -> str:
    """ProfilePage (schema.org) of an author as a JSON text that may stand in a script element."""
    person: dict[str, Any] = {
        "@type": "Person",
        "name": name,
        "url": absolute(paper.origin, path),
        "description": biography,
        "image": [image_object(portrait, paper.origin)] if portrait else [],
        "worksFor": _publisher(paper),
    }
    person = {key: value for key, value in person.items() if value}
    return _script({"@context": "https://schema.org", "@type": "ProfilePage", "mainEntity": person})


def _script(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _properties(
    article: Article, view: ArticleView, paper: PaperView
) -> list[tuple[str, str, str]]:
    """Open Graph (ogp.me) and Twitter cards: attribute, name and content of each meta element."""
    card = view.card
    facts = [
        ("og:type", "article"),
        ("og:site_name", paper.name),
        ("og:title", card.headline),
        ("og:description", description(view)),
        ("og:url", view.canonical),
        ("article:published_time", card.published.isoformat()),
        ("article:modified_time", view.changed.isoformat() if view.changed else ""),
        ("article:section", card.section.title),
        *(("article:tag", tag) for tag in tags_of(article)),
    ]
    if card.picture:
        facts += [
            ("og:image", absolute(paper.origin, card.picture.src)),
            ("og:image:width", str(card.picture.width)),
            ("og:image:height", str(card.picture.height)),
            ("og:image:alt", card.picture.alt),
        ]
    large = "summary_large_image" if card.picture else "summary"
    return [
        *(("property", name, content) for name, content in facts if content),
        ("name", "twitter:card", large),
    ]


def json_ld(article: Article, view: ArticleView, frame: Frame) -> str:
    """NewsArticle (schema.org) as a JSON text that may stand inside a script element."""
    paper, card = frame.paper, view.card
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "identifier": article_id(article, frame),
        "headline": card.headline[:LONGEST_HEADLINE],
        "description": description(view),
        "datePublished": card.published.isoformat(),
        "dateModified": max(card.published, view.changed or card.published).isoformat(),
        "mainEntityOfPage": _page(view, paper),
        "articleSection": card.section.title,
        "keywords": list(tags_of(article)),
        "about": _about(article),
        "dateline": view.dateline,
        "inLanguage": _language(article) or paper.language,
        "publisher": _publisher(paper),
        "isPartOf": _title(paper),
        "author": _author(view, paper),
        "publishingPrinciples": _principles(paper),
        "isAccessibleForFree": card.access == "open",
    }
    if card.access != "open":
        data["hasPart"] = {
            "@type": "WebPageElement",
            "isAccessibleForFree": False,
            "cssSelector": ".paywall",
        }
    if card.picture is not None:
        data["image"] = [image_object(card.picture, paper.origin)]
    data |= _provenance(article, view) | _corrections(view)
    data = {name: value for name, value in data.items() if value not in ("", [], {})}
    return _script(data)


def _title(paper: PaperView) -> dict[str, Any]:
    """The second title of which the report is a part; its publisher is the paper."""
    title = paper.title
    if title is None:
        return {}
    return {"@type": "Periodical", "name": title.title, "url": paper.origin + title.url}


def _page(view: ArticleView, paper: PaperView) -> str | dict[str, Any]:
    """The report's page; in a second title with the way that leads to it (BreadcrumbList)."""
    title = paper.title
    if title is None:
        return view.canonical
    way = [(paper.name, "/"), (title.title, title.url)]
    way.append((view.card.section.title, view.card.section.url))
    steps = [
        {"@type": "ListItem", "position": place, "name": name, "item": absolute(paper.origin, url)}
        for place, (name, url) in enumerate(way, start=1)
    ]
    trail = {"@type": "BreadcrumbList", "itemListElement": steps}
    return {"@type": "WebPage", "@id": view.canonical, "breadcrumb": trail}


def _about(article: Article) -> list[dict[str, str]]:
    """Media Topics by the IPTC's own addresses, with their names where they are known."""
    return [
        {"@type": "Thing", **({"name": name} if name else {}), "sameAs": address_of(code)}
        for code, name in topics_of(article).items()
    ]


def _language(article: Article) -> str:
    return str(article.basis.fields.get("language") or "") if article.basis else ""


def _principles(paper: PaperView) -> str:
    known = {page.url for page in paper.pages}
    return next((paper.origin + path for path in PRINCIPLES if path in known), "")


def _publisher(paper: PaperView) -> dict[str, Any]:
    publisher = {
        "@type": "NewsMediaOrganization",
        "name": paper.name,
        "url": paper.origin + "/",
        "logo": {"@type": "ImageObject", "url": paper.origin + LOGO},
        "publishingPrinciples": _principles(paper),
        "correctionsPolicy": paper.origin + CORRECTIONS,
    }
    return {name: value for name, value in publisher.items() if value}


def _author(view: ArticleView, paper: PaperView) -> dict[str, Any] | list[dict[str, Any]]:
    if view.card.agency:
        return {"@type": "Organization", "name": view.card.agency}
    if view.authors:
        return [
            {"@type": "Person", "name": a.title, "url": absolute(paper.origin, a.url)}
            for a in view.authors
        ]
    if view.card.byline:
        return {"@type": "Person", "name": view.card.byline}
    return {"@type": "NewsMediaOrganization", "name": paper.name, "url": paper.origin + "/"}


def _provenance(article: Article, view: ArticleView) -> dict[str, Any]:
    """`backstory` is schema.org's word for how an article was made: the disclosure."""
    if article.item is None or article.basis is None:
        return {}
    return {
        "isBasedOn": based_on(article),
        "sourceOrganization": {"@type": "Organization", "name": view.card.agency},
        "creditText": str(article.basis.fields.get("credit") or "") or view.card.agency,
        "backstory": view.disclosure,
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
