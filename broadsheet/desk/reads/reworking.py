"""A body as the rich-text editor spells it, and the three texts of a report that was reworked."""

import re

from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from broadsheet.desk.differences import Part, threeway
from broadsheet.desk.models import Article
from broadsheet.desk.models.articles import BODY_FEATURES


def canonical(body: str) -> str:
    """A body as the rich-text editor gives it back when nothing was changed."""
    converter = ContentstateConverter(features=BODY_FEATURES)
    return without_keys(str(converter.to_database_format(converter.from_database_format(body))))


def without_keys(body: str) -> str:
    """A body without the editor's block keys: they are random and would look like a change."""
    return re.sub(r' data-block-key="[^"]*"', "", body)


def parts_of(article: Article) -> list[Part]:
    """Our body and the waiting version, against the version that our body was made from.

    Without a body of ours, or without a waiting version, that side is the basis itself.
    """
    made_from = article.body_from or article.basis
    base = made_from.body if made_from else ""
    wire = article.waiting.body if article.waiting else base
    return threeway(canonical(base), canonical(article.full_body), canonical(wire))
