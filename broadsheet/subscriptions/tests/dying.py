"""Processes that are killed at a step of what they do: a real fork, a real SIGKILL, real files.

A step is whatever another process could see: a commit, a single write outside of a transaction, a
call to the gateway, a mail. The process may die after each, and before each commit: all that it has
written by then is in the files, and must count for nothing.
"""

import os
import shutil
import signal
import sqlite3
import traceback
import warnings
from contextlib import closing

from django.conf import settings
from django.core.mail.backends import filebased
from django.db import connection, connections
from django.urls import reverse

from broadsheet.accounts import outbox
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway

CALLS = (
    "open_checkout", "look_up", "set_renewal", "refund", "change", "drop_change", "pause", "resume",
)  # fmt: skip
WRITES = ("INSERT", "UPDATE", "DELETE")


class Steps:
    """Counts steps, notes their names in a file, and ends the process with the last one."""

    def __init__(self, last=0, log=None):
        self.number, self.last, self.log = 0, last, log

    def at(self, name):
        self.number += 1
        if self.log:
            with self.log.open("a") as log:
                log.write(f"{self.number} {name}\n")
        if self.number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name, work, *args, **options):
        done = work(*args, **options)
        self.at(f"after {name}")
        return done

    def watch_database(self):
        commit = connection._commit

        def watched():
            self.at("before a commit")
            self.around("a commit", commit)

        connection._commit = watched
        connection.execute_wrappers.append(self._write)

    def _write(self, execute, sql, *rest):
        if connection.in_atomic_block or not sql.startswith(WRITES):
            return execute(sql, *rest)
        return self.around(" ".join(sql.split()[:3]), execute, sql, *rest)


class Watched(Direct):
    """The gateway's engine behind a line on which the caller may die."""

    def __init__(self, gateway, steps):
        super().__init__(gateway, "whsec")
        for name in CALLS:
            setattr(self, name, self._watched(steps, name, getattr(self, name)))

    def _watched(self, steps, name, call):
        return lambda *args, **options: steps.around(name, call, *args, **options)


class Files:
    """A paper's database and its gateway's as they were at a moment, and copies to work on."""

    def __init__(self, folder, gateway_file):
        # What every process would read anew: addresses, and behind them all views and forms.
        reverse("subscribe")
        self.folder = folder
        folder.mkdir()
        self.mails, self.gateway = folder / "mails", folder / "fakepay.sqlite3"
        self._gateway, self._paper = folder / "gateway.before", folder / "paper.before"
        with closing(sqlite3.connect(gateway_file)) as live:
            _copied(live, self._gateway)
        if connection.vendor == "sqlite":
            self.name = str(folder / "paper.sqlite3")
            connection.ensure_connection()
            _copied(connection.connection, self._paper)
        else:
            self._template = connection.settings_dict["NAME"]
            self.name = f"killed_{self._template}"

    def restore(self):
        """Both as they were; no mail has left."""
        shutil.rmtree(self.mails, ignore_errors=True)
        for file in (*self.folder.glob("paper.sqlite3*"), *self.folder.glob("fakepay.sqlite3*")):
            file.unlink()
        shutil.copy(self._gateway, self.gateway)
        if connection.vendor == "sqlite":
            shutil.copy(self._paper, self.name)
        else:
            connections.close_all()
            self._drop()
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{self._template}"')

    def drop(self):
        """Leave nothing behind on the server."""
        if connection.vendor != "sqlite":
            connections.close_all()
            self._drop()

    def _drop(self):
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def process(self, work, steps):
        """Run `work(till)` on the copies in a process of its own; how it ended: 0, or -9."""
        if connection.vendor != "sqlite":
            connections.close_all()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Other threads of the test run go on without it.
            pid = os.fork()
        if pid == 0:
            self._be(work, steps)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def _be(self, work, steps):
        try:
            connection.connection = None
            connection.settings_dict["NAME"] = self.name
            settings.EMAIL_HOST = "localhost"
            till = Watched(Gateway(self.gateway, url="http://fakepay.example"), steps)
            gateways._made = lambda url: till
            outbox.EmailBackend = lambda **_: self._postbox(steps)
            steps.watch_database()
            work(till)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def _postbox(self, steps):
        backend = filebased.EmailBackend(file_path=str(self.mails))
        send = backend.send_messages
        backend.send_messages = lambda messages: steps.around("a mail", send, messages)
        return backend


def _copied(live, path):
    with closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
