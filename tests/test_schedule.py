"""Whatever must happen by itself is on the worker's schedule, once, and often enough."""

import pytest

from broadsheet.accounts import consents, limits, outbox
from broadsheet.config.schedule import LANES
from broadsheet.desk import actions as desk
from broadsheet.ledger import actions as ledger
from broadsheet.press import actions as press
from broadsheet.subscriptions import actions as subscriptions

MINUTE, HOUR = 60, 3600
AT_LEAST = {
    desk.end_rights: 1, press.announce_due: 1, press.catch_up: 1, desk.publish_due: 1,
    outbox.send_due: 5,
    subscriptions.take_events: 5, subscriptions.fold_journal: 5,
    subscriptions.ask_again: MINUTE, subscriptions.end_due: MINUTE,
    subscriptions.begin_pauses: MINUTE, subscriptions.erase_due: MINUTE,
    subscriptions.close_days: MINUTE, subscriptions.audit: MINUTE, subscriptions.sum_up: MINUTE,
    subscriptions.compare: MINUTE, subscriptions.run_imports: MINUTE,
    subscriptions.tell_imported: MINUTE, subscriptions.send_notices: MINUTE,
    subscriptions.send_gifts: MINUTE, subscriptions.send_reminders: MINUTE,
    subscriptions.end_claims: MINUTE, subscriptions.free_seats: HOUR,
    subscriptions.forget_links: HOUR, subscriptions.forget_invitations: HOUR,
    subscriptions.forget_gifts: HOUR, subscriptions.forget_old_history: HOUR,
    subscriptions.forget_uploads: HOUR, subscriptions.forget_decisions: HOUR,
    ledger.forget_deliveries: HOUR, outbox.forget_old: HOUR, limits.forget_signed_out: HOUR,
    consents.forget_old_consents: HOUR,
}  # fmt: skip


@pytest.mark.parametrize("job", AT_LEAST, ids=lambda job: job.__qualname__)
def test_it_is_done_by_itself_and_often_enough(job):
    found = [every for lane in LANES for every, planned in lane if planned is job]
    assert len(found) == 1
    assert found[0] <= AT_LEAST[job]
