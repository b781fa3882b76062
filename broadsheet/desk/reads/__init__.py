"""Queries shaped for a screen: what readers are shown, and what came in."""

from broadsheet.desk.reads.pictures import picture_view
from broadsheet.desk.reads.shown import (
    article_view,
    as_drafted,
    card_view,
    disclosure_of,
    letterhead,
    notice_view,
    paper_view,
    section_link,
    title_link,
    title_views,
    wire_date,
)

__all__ = [
    "article_view",
    "as_drafted",
    "card_view",
    "disclosure_of",
    "letterhead",
    "notice_view",
    "paper_view",
    "picture_view",
    "section_link",
    "title_link",
    "title_views",
    "wire_date",
]
