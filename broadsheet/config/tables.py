"""The tables of a paper. A new one's are made at once; one that has tables is migrated."""

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

FIRST = "accounts"
"""The one app of ours that others refer to: their users are our readers."""


def make_tables() -> None:
    """Bring the database up to this version, whatever it holds.

    An empty one first gets the newest form of our tables at once and says that our migrations are
    done, which `tests/test_tables.py` compares with what they do: a step for each would take four
    times as long. Whoever is stopped in between goes on with `migrate`.
    """
    if not connection.introspection.table_names():
        _make_at_once()
    call_command("migrate", verbosity=0, interactive=False)


def _make_at_once() -> None:
    """What others bring by their own migrations, some with rows; ours as they are in the end."""
    executor = MigrationExecutor(connection)
    ours = {
        config.label for config in apps.get_app_configs() if config.name.startswith("broadsheet.")
    }
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([leaf for leaf in leaves if leaf[0] not in ours or leaf[0] == FIRST])
    recorder = MigrationRecorder(connection)
    missing = ours - {label for label, _ in recorder.applied_migrations()}
    whole = executor.loader.project_state(leaves).apps
    with connection.schema_editor() as editor:
        for model in whole.get_models():
            if model._meta.app_label in missing:
                editor.create_model(model)
        for label, name in executor.loader.graph.nodes:
            if label in missing:
                recorder.record_applied(label, name)
