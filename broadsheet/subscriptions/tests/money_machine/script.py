"""One life of a reader in which every kind of move is made, and each comes to something."""

from datetime import timedelta

from broadsheet.subscriptions.tests.conftest import GOOD, ONCE

DAY, WEEK, MONTH = timedelta(days=1), timedelta(days=7), timedelta(days=31)

SCRIPT = (
    # Brought along from elsewhere, taken back, brought again, kept; and a right for nothing.
    ("bring", 10), ("undo_list", False), ("bring", 40), ("undo_list", True),
    ("honour", 60), ("honour", 5), ("dishonour",),
    # A page that is left; one whose address is lost, one instead of it; declined, then a trial.
    ("choose", 1), ("leave", 0), ("lose", "open_checkout", "answer"), ("vainly", "coupon", 2),
    ("choose", 3), ("decline", 0), ("pay", 0, GOOD), ("lose", "look_up", "call"),
    ("vainly", "settle", 0), ("settle", 0), ("hook",), ("hook_overtaking",), ("hook_twice", 0),
    ("work",),
    # Left for good in the trial. A new account has the plan for several.
    ("erase",), ("work",), ("reprice", 0, 2), ("coupon", 0), ("pay", 0, ONCE), ("settle", 0),
    ("invite", 0), ("take", 0), ("invite", 1), ("take", 1), ("quit", 0), ("remove", 1),
    # Another plan, ordered by an answer that is lost, taken back by the second call.
    ("show", 1), ("lose", "change", "answer"), ("vainly", "change"), ("change",),
    ("lose", "drop_change", "call"), ("vainly", "keep"), ("keep",), ("card", GOOD),
    # The coupon's last payment. A pause that is taken back, and the same with calls and answers
    # lost.
    ("later", WEEK, True),
    ("pause", 1), ("resume",), ("lose", "pause", "answer"), ("vainly", "pause", 1), ("work",),
    ("lose", "resume", "call"), ("vainly", "resume"), ("work",),
    # Cancelled, and not.
    ("wish", False, True), ("lose", "set_renewal", "call"), ("wish", True, True), ("work",),
    # Money goes back by staff and by the bank, and comes again.
    ("lose", "refund", "answer"), ("give_back", 0, 3), ("work",), ("bank", 0), ("work",),
    ("decide", "won"), ("work",), ("later", DAY, False), ("close",),
    # A gift, read after what is paid for; time goes by.
    ("give", 2, True), ("pay_gift", GOOD), ("ask_gift", 0), ("open_gift", 0),
    ("later", MONTH, True),
)  # fmt: skip
"""`vainly`: the line loses it."""
