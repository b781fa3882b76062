"""The desk's models; public names are imported from here."""

from broadsheet.desk.models.articles import (
    OVERRIDES,
    Article,
    published_by_staff,
)
from broadsheet.desk.models.logs import Cursor, Edit, Intake, Notice, NoticeKind
from broadsheet.desk.models.paper import Paper, Section, StaticPage
from broadsheet.desk.models.pictures import Picture, Rendition, WirePicture
from broadsheet.desk.models.routing import Rule

__all__ = [
    "OVERRIDES",
    "Article",
    "Cursor",
    "Edit",
    "Intake",
    "Notice",
    "NoticeKind",
    "Paper",
    "Picture",
    "Rendition",
    "Rule",
    "Section",
    "StaticPage",
    "WirePicture",
    "published_by_staff",
]
