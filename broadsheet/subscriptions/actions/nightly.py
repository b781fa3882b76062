"""What is done with the books once a day is over: what it earned is booked."""

from broadsheet.desk.models import Paper
from broadsheet.ledger import actions as ledger


def close_days() -> int:
    """Book what every day that is over in the paper's zone earned; how many days.

    Cheap when none is. After days of standstill every day is booked, the oldest first.
    """
    paper = Paper.objects.first()
    return ledger.close_days(paper.time_zone) if paper else 0
