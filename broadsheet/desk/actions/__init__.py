"""Whatever the desk does that touches two models, a transaction or the outside."""

from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.incoming import discard, publish_item, take_up
from broadsheet.desk.actions.intake import catch_up, make_article
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
from broadsheet.desk.actions.staff import (
    bring_back,
    keep_headline,
    keep_own_body,
    release,
    take_merged,
    take_waiting,
)

__all__ = [
    "amend",
    "bring_back",
    "catch_up",
    "correct",
    "discard",
    "hold",
    "keep_headline",
    "keep_own_body",
    "make_article",
    "pick",
    "publish_item",
    "put_back",
    "record_publication",
    "record_unpublication",
    "refresh",
    "release",
    "release_hold",
    "see",
    "take_back",
    "take_merged",
    "take_up",
    "take_waiting",
    "withdraw",
]
