"""Whatever the desk does that touches two models, a transaction or the outside."""

from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.intake import catch_up, make_article
from broadsheet.desk.actions.premium import pick, put_back
from broadsheet.desk.actions.publication import record_publication, record_unpublication
from broadsheet.desk.actions.staff import (
    correct,
    keep_own_body,
    release,
    take_waiting,
    withdraw,
)

__all__ = [
    "catch_up",
    "correct",
    "keep_own_body",
    "make_article",
    "pick",
    "put_back",
    "record_publication",
    "record_unpublication",
    "refresh",
    "release",
    "take_waiting",
    "withdraw",
]
