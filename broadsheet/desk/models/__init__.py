"""The desk's models; public names are imported from here."""

from broadsheet.desk.models.articles import Article, published_by_staff
from broadsheet.desk.models.authors import Author, Authorship
from broadsheet.desk.models.columns import OVERRIDES, SETTINGS
from broadsheet.desk.models.logs import CURSOR, Cursor, Edit, Intake, Notice, NoticeKind
from broadsheet.desk.models.paper import Paper
from broadsheet.desk.models.pictures import Picture, Rendition, WirePicture
from broadsheet.desk.models.places import Redirect, Section, StaticPage, Title
from broadsheet.desk.models.proposals import Fingerprint, Likeness, WithdrawalRequest
from broadsheet.desk.models.rights import SectionRight
from broadsheet.desk.models.routing import Rule
from broadsheet.desk.models.topics import Tagging, Topic
from broadsheet.desk.models.turns import TimeRule

__all__ = [
    "CURSOR",
    "OVERRIDES",
    "SETTINGS",
    "Article",
    "Author",
    "Authorship",
    "Cursor",
    "Edit",
    "Fingerprint",
    "Intake",
    "Likeness",
    "Notice",
    "NoticeKind",
    "Paper",
    "Picture",
    "Redirect",
    "Rendition",
    "Rule",
    "Section",
    "SectionRight",
    "StaticPage",
    "Tagging",
    "TimeRule",
    "Title",
    "Topic",
    "WirePicture",
    "WithdrawalRequest",
    "published_by_staff",
]
