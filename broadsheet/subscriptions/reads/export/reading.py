"""What the reader read, may read and gave away."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from broadsheet.accounts.models import ReadArticle, User
from broadsheet.kit import clock
from broadsheet.subscriptions.decisions import counted_rule
from broadsheet.subscriptions.models import KEEP, ArticleLink, GateDecision, Grant
from broadsheet.subscriptions.reads.decisions import codes_of
from broadsheet.subscriptions.reads.export.kind import Kind, Row
from broadsheet.subscriptions.reads.export.reports import name_reports


def _decisions(reader: User) -> QuerySet[Any]:
    """Of the account, and of the browsers whose reads it took over at a sign-in."""
    mine = Q(code__in=codes_of(reader)) | Q(reader=reader)
    return GateDecision.objects.filter(mine, at__gte=clock.now() - KEEP).order_by("at", "pk")


def _explain(rows: list[Row]) -> None:
    """Rules without what leads to others: who gave the link that opened an article."""
    for row in rows:
        row["rule"] = counted_rule(row["rule"])
    name_reports(rows)


READING = (
    Kind(
        "reading", _("What was decided about your reading, last 30 days"), GateDecision, _decisions,
        ("at", "article", "section", "outcome", "rule", "reads", "limit"),
        {
            "reader": "The reader.",
            "code": "May be that of another browser in which a link sent to the reader was opened.",
            "taken_over": "The code of the reader's own browser; its reads are told as theirs.",
        },
        amend=_explain,
    ),
    Kind(
        "history", _("What you read"), ReadArticle,
        lambda reader: ReadArticle.objects.filter(reader=reader).order_by("-read_at"),
        ("article", "read_at", "place", "paragraphs"), {"reader": "The reader."},
        amend=name_reports,
    ),
    Kind(
        "grants", _("What you may read"), Grant,
        lambda reader: Grant.objects.filter(reader=reader).order_by("valid_from", "pk"),
        (
            "entitlement", "valid_from", "valid_until", "source", "subscription", "period",
            "institution__name", "revoked_at", "reason", "given_at",
        ),
        {
            "reader": "The reader.", "seat": "The seat it came with, in a file of its own.",
            "gift": "Among the gift subscriptions.",
            "imported": "Told among what was brought along.",
            "given_by": "Who of the staff gave it: the newsroom's record.",
            "decided_by": "Who of the staff decided: the newsroom's record.",
            "revoked_by": "Who of the staff took it back: the newsroom's record.",
            "revoke_reason": "Why staff took it back: the newsroom's record.",
        },
    ),
    Kind(
        "gifts", _("Articles you gave or shared"), ArticleLink,
        lambda reader: ArticleLink.objects.filter(maker=reader).order_by("made_at", "pk"),
        (
            "kind", "article", "note", "right", "made_at", "expires_at", "ends_at",
            "taken_back_at", "most_readers", "openings",
        ),
        {"maker": "The reader."}, amend=name_reports,
    ),
)  # fmt: skip
