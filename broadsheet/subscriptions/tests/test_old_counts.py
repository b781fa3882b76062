"""A paper of an older version keeps what it counted."""

import pytest
from django.db import connection
from django.db.migrations import DeleteModel
from django.db.migrations.executor import MigrationExecutor

from broadsheet.subscriptions.models import ReadingCount

OLD = "ArticleReads"


def _takes_over(migration):
    deleted = (step for step in migration.operations if isinstance(step, DeleteModel))
    return any(step.name == OLD for step in deleted)


@pytest.mark.django_db(transaction=True)
def test_reads_counted_by_an_older_version_are_kept_by_kind():
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    (taking_over,) = [m for m in executor.loader.disk_migrations.values() if _takes_over(m)]
    (before,) = [node for node in taking_over.dependencies if node[0] == "subscriptions"]
    executor.migrate([before])
    try:
        old = executor.loader.project_state([before]).apps.get_model("subscriptions", OLD)
        old.objects.create(period="2026-10", article=7, anonymous=12, registered=0)
        old.objects.create(period="2026-11", article=7, anonymous=3, registered=4)
    finally:
        MigrationExecutor(connection).migrate(newest)
    rows = ReadingCount.objects.order_by("month", "kind")
    assert list(rows.values_list("month", "article", "kind", "outcome", "rule", "number")) == [
        ("2026-10", 7, "anonymous", "read", "metered", 12),
        ("2026-11", 7, "anonymous", "read", "metered", 3),
        ("2026-11", 7, "registered", "read", "metered", 4),
    ]
