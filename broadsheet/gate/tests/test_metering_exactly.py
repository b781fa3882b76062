"""One real gate with its meter in memory: exact under load, and whatever kills it."""

import random
import threading
import time

from broadsheet.gate.tests.conftest import Paper, Reply
from broadsheet.gate.tests.load import (
    PATHS,
    Asked,
    ask_all,
    journaled,
    key_of,
    opened,
    press_forty,
)

KILLS = 8


def test_money_case_58_five_hundred_parallel_requests_for_forty_articles_open_exactly_the_limit(
    paper: Paper,
) -> None:
    press_forty(paper)
    paper.start()
    cookie = paper.reader_cookie()
    wanted = [(PATHS[n % 40], cookie) for n in range(500)]
    random.Random(5).shuffle(wanted)
    replies = ask_all(paper, wanted)
    assert all(reply and reply.status == 200 for reply in replies)
    sent = opened(wanted, replies)[cookie]
    assert len(sent) == 3 and sorted(one.article for one in journaled(paper)) == sorted(sent)


def test_killed_at_any_moment_the_gate_loses_no_recorded_read(paper: Paper) -> None:
    press_forty(paper)
    paper.start()
    cookies = [paper.reader_cookie() for _ in range(80)]
    wanted = [(path, cookie) for path in PATHS[:12] for cookie in cookies for _ in range(3)]
    random.Random(9).shuffle(wanted)
    replies = asked_while_killed(paper, wanted)
    assert replies.count(None) > 0 and paper.process is not None
    once = list(dict.fromkeys(wanted))
    replies += ask_all(paper, once)
    records = journaled(paper)
    assert len({(one.key, one.article) for one in records}) == len(records)
    for cookie, sent in opened(wanted + once, replies).items():
        recorded = {one.article for one in records if one.key == key_of(cookie)}
        assert sent == recorded and len(recorded) == 3


def asked_while_killed(paper: Paper, wanted: list[Asked]) -> list[Reply | None]:
    """The replies while the gate is killed and started again, at moments of chance."""
    replies: list[Reply | None] = []
    moments = random.Random(4)

    def ask_on() -> None:
        # In rounds, so that there is somebody to answer to between two kills.
        for start in range(0, len(wanted), 100):
            replies.extend(ask_all(paper, wanted[start : start + 100], 24))

    load = threading.Thread(target=ask_on)
    load.start()
    for _ in range(KILLS):
        time.sleep(moments.uniform(0.01, 0.25))
        paper.kill()
        paper.start()
    load.join()
    return replies
