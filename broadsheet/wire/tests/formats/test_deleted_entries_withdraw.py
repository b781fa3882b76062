import json

from broadsheet.wire.formats import parse
from broadsheet.wire.tests.formats.feeds import atom


def test_a_deleted_entry_names_what_it_withdraws() -> None:
    data = atom(
        '<at:deleted-entry ref="tag:wire.example,2024:1" when="2024-05-03T10:00:00Z">'
        "<at:comment>Sent in error</at:comment></at:deleted-entry>"
    )
    entry = parse(data).entries[0]
    assert (entry.id, entry.status, entry.signal) == (
        "tag:wire.example,2024:1", "canceled", "withdrawal",
    )  # fmt: skip
    assert entry.updated is not None
    assert entry.ednote == "Sent in error"


def test_a_canceled_item_keeps_its_key_and_needs_no_body() -> None:
    data = json.dumps({"uri": "urn:x:1", "pubStatus": "canceled"}).encode()
    entry = parse(data).entries[0]
    assert (entry.id, entry.status, entry.signal) == ("urn:x:1", "canceled", "withdrawal")


def test_a_canceled_item_without_identity_has_no_key() -> None:
    data = json.dumps({"headline": "x", "pubstatus": "stat:canceled"}).encode()
    assert parse(data).entries[0].id == ""
