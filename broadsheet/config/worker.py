"""The worker process: a thread for each lane of the schedule, and one for django-tasks."""

import logging
import signal
import threading
import time

from django.db import close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

from broadsheet.config.intake import asking
from broadsheet.config.processes import end_with_parent, give_way
from broadsheet.config.schedule import LANES, Job, Lane

logger = logging.getLogger(__name__)

PAUSE = 0.2


def work() -> int:
    """Run until SIGTERM. A job that fails is logged and tried again at its next turn."""
    end_with_parent()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    tasks = _tasks()
    # Before the threads: each has a niceness of its own, which it takes from who starts it.
    give_way()
    threading.Thread(target=tasks.run, daemon=True).start()
    lanes = [threading.Thread(target=_run_lane, args=(lane, stopping)) for lane in LANES]
    for thread in lanes:
        thread.start()
    stopping.wait()
    tasks.running = False
    for thread in lanes:
        thread.join()
    asking.let_go()
    return 0


def _run_lane(lane: Lane, stopping: threading.Event) -> None:
    due = dict.fromkeys(range(len(lane)), 0.0)
    while not stopping.is_set():
        for index, (every, job) in enumerate(lane):
            if time.monotonic() >= due[index] and not stopping.is_set():
                _run(job)
                due[index] = time.monotonic() + every
        stopping.wait(PAUSE)


def _run(job: Job) -> None:
    close_old_connections()
    try:
        job()
    except Exception:
        logger.exception("A job of the worker failed; it runs again at its next turn.")


def _tasks() -> Worker:
    return Worker(
        queue_names=["*"],
        interval=2,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="broadsheet",
        excluded_queue_names=[],
    )
