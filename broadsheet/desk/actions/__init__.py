"""Whatever the desk does that touches two models, a transaction or the outside."""

from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.collecting import collect_pictures
from broadsheet.desk.actions.incoming import discard, publish_item, take_up
from broadsheet.desk.actions.intake import catch_up, make_article, publish_due, section_for
from broadsheet.desk.actions.likeness import forget_sketches, settle_likeness
from broadsheet.desk.actions.notices import (
    amend,
    correct,
    hold,
    release_hold,
    see,
    take_back,
    withdraw,
)
from broadsheet.desk.actions.premium import pick, put_back
from broadsheet.desk.actions.publication import record_publication, record_unpublication
from broadsheet.desk.actions.renditions import clear_out
from broadsheet.desk.actions.rights import end_rights, withdraw_picture
from broadsheet.desk.actions.staff import (
    bring_back,
    keep_headline,
    keep_own_body,
    release,
    take_merged,
    take_waiting,
)
from broadsheet.desk.actions.withdrawing import readmit, reinstate, settle_request

__all__ = [
    "amend",
    "bring_back",
    "catch_up",
    "clear_out",
    "collect_pictures",
    "correct",
    "discard",
    "end_rights",
    "forget_sketches",
    "hold",
    "keep_headline",
    "keep_own_body",
    "make_article",
    "pick",
    "publish_due",
    "publish_item",
    "put_back",
    "readmit",
    "record_publication",
    "record_unpublication",
    "refresh",
    "reinstate",
    "release",
    "release_hold",
    "section_for",
    "see",
    "settle_likeness",
    "settle_request",
    "take_back",
    "take_merged",
    "take_up",
    "take_waiting",
    "withdraw",
    "withdraw_picture",
]
