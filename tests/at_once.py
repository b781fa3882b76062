"""Calls that run at the same moment, each with a connection of its own."""

import sqlite3
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections

_left: list[tuple[Any, Any, tempfile.TemporaryDirectory[str]]] = []
"""The database in memory that a test has left for a file, until the test is over."""


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run all at the same moment; returns their results. The test must commit
    (`django_db(transaction=True)`)."""
    on_a_file()
    ready = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            ready.wait(60)
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def on_a_file() -> None:
    """Go on with the rest of this test on an SQLite file as a paper has one: one in memory has a
    single connection, which threads share. PostgreSQL stays as it is."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        return
    assert not connection.in_atomic_block, "What a test has not committed no other can see."
    connection.ensure_connection()
    folder = tempfile.TemporaryDirectory(prefix="broadsheet-at-once-")
    name = str(Path(folder.name) / "paper.sqlite3")
    with closing(sqlite3.connect(name)) as copy:
        connection.connection.backup(copy)
    _left.append((connection.connection, connection.settings_dict["NAME"], folder))
    connection.connection, connection.settings_dict["NAME"] = None, name


def back_in_memory() -> None:
    """After such a test: the next one has the database in memory again."""
    while _left:
        connection.close()
        connection.connection, connection.settings_dict["NAME"], folder = _left.pop()
        folder.cleanup()
