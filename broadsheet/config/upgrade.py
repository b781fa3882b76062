"""What a new version of Broadsheet brings along is put in place when the paper is served."""

import hashlib

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from broadsheet import __version__
from broadsheet.config import init
from broadsheet.config.tables import make_tables
from broadsheet.desk.models import Paper
from broadsheet.gate.pressed import FORMAT
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import carry_over
from broadsheet.look.stylesheet import FOLDER, stylesheet
from broadsheet.press_log.models import Subject, announce
from broadsheet.subscriptions.actions import make_entitlements


def bring_up_to_date() -> None:
    """Migrate, collect static files and re-press, each only when there is something new.

    Raises Refusal when there is no paper.
    """
    if not init.exists():
        raise Refusal("There is no paper here.", "Make one with 'broadsheet init DIR'.")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        make_tables()
        init.make_groups()
        make_entitlements()
        carry_over(Paper.load().time_zone)
    stamp = settings.HOME / "static" / ".stamp"
    if pending or not stamp.exists() or stamp.read_text() != _stamp():
        init.collect_static()
        announce(Subject.SITE)
        stamp.write_text(_stamp())


def _stamp() -> str:
    """Names this version, its page format, its look, and the hub that feeds name."""
    look = hashlib.sha256((stylesheet() + (FOLDER / "place.js").read_text()).encode()).hexdigest()[
        :12
    ]
    return f"{__version__}/{FORMAT}/{look}/{settings.WEBSUB_HUB}"
