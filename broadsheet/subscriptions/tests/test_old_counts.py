"""A paper of an older version keeps what it counted."""

import pytest
from django.db import connection
from django.db.migrations import CreateModel, DeleteModel, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from broadsheet.subscriptions.models import ReadingCount

OLD, NEW = "ArticleReads", "ReadingCount"


def _takes_over(migration):
    deleted = (step for step in migration.operations if isinstance(step, DeleteModel))
    return any(step.name == OLD for step in deleted)


def _as_it_was():
    """The step that takes the counts over, and both tables as they stood before it."""
    migrations = MigrationLoader(connection).disk_migrations.values()
    makes = [s for m in migrations for s in m.operations if isinstance(s, CreateModel)]
    state = ProjectState()
    for step in makes:
        if step.name in (OLD, NEW):
            step.state_forwards("subscriptions", state)
    (taking_over,) = filter(_takes_over, migrations)
    (step,) = (step for step in taking_over.operations if isinstance(step, RunPython))
    return step, state.apps


@pytest.mark.django_db(transaction=True)
def test_reads_counted_by_an_older_version_are_kept_by_kind():
    step, apps = _as_it_was()
    with connection.schema_editor() as editor:
        editor.delete_model(ReadingCount)
        for name in (OLD, NEW):
            editor.create_model(apps.get_model("subscriptions", name))
    old = apps.get_model("subscriptions", OLD)
    old.objects.create(period="2026-10", article=7, anonymous=12, registered=0)
    old.objects.create(period="2026-11", article=7, anonymous=3, registered=4)
    step.code(apps, None)
    rows = apps.get_model("subscriptions", NEW).objects.order_by("month", "kind")
    assert list(rows.values_list("month", "article", "kind", "outcome", "rule", "number")) == [
        ("2026-10", 7, "anonymous", "read", "metered", 12),
        ("2026-11", 7, "anonymous", "read", "metered", 3),
        ("2026-11", 7, "registered", "read", "metered", 4),
    ]
