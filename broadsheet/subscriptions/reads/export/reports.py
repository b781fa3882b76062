"""Rows that name a report by its number: what it is called, and where it can be read."""

from broadsheet.desk.models import Article
from broadsheet.kit import clock
from broadsheet.subscriptions.reads.export.kind import Row
from broadsheet.subscriptions.reads.origin import origin


def name_reports(rows: list[Row]) -> None:
    """Add title and address, both "" when the report can be read no longer."""
    visible = Article.objects.visible(clock.now()).only("pk", "path", "shown_headline")
    found = visible.in_bulk({row["article"] for row in rows})
    for row in rows:
        article = found.get(row["article"])
        row["title"] = article.shown_headline if article else ""
        row["address"] = f"{origin()}{article.path}" if article and article.path else ""
