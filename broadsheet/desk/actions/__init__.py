"""Whatever the desk does that touches two models, a transaction or the outside."""

from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.collecting import collect_pictures
from broadsheet.desk.actions.intake import catch_up, make_article, publish_due
from broadsheet.desk.actions.likeness import forget_sketches
from broadsheet.desk.actions.premium import pick, put_back
from broadsheet.desk.actions.publication import record_publication, record_unpublication
from broadsheet.desk.actions.renditions import clear_out
from broadsheet.desk.actions.rights import end_rights, withdraw_picture
from broadsheet.desk.actions.staff import (
    correct,
    keep_own_body,
    release,
    take_waiting,
    withdraw,
)
from broadsheet.desk.actions.withdrawing import readmit, reinstate, settle_request

__all__ = [
    "catch_up",
    "clear_out",
    "collect_pictures",
    "correct",
    "end_rights",
    "forget_sketches",
    "keep_own_body",
    "make_article",
    "pick",
    "publish_due",
    "put_back",
    "readmit",
    "record_publication",
    "record_unpublication",
    "refresh",
    "reinstate",
    "release",
    "settle_request",
    "take_waiting",
    "withdraw",
    "withdraw_picture",
]
