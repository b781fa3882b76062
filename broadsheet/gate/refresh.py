"""Asks the newsroom for a new pass when a reader's is stale, outlived a right or was revoked."""

import asyncio
import time
from typing import NamedTuple

from broadsheet.gate.newsroom import Newsroom, NewsroomSilent
from broadsheet.gate.passes import Pass, cleared_pass_cookie
from broadsheet.gate.visitors import Visitors

ANSWER_SECONDS = 1.0
PAUSE_SECONDS = 5.0
"""After a failure nobody waits again for so long: a stuck newsroom must not slow every reader."""


SIGNED_OUT = b"x-broadsheet-signed-out"
"""The newsroom's field, beside 401, for a device that it signed out for another one."""


class Renewal(NamedTuple):
    """What came of it: the pass in force and the Set-Cookie field to send, "" for none.

    `failed` says that the newsroom did not answer, so that the old pass stands until 24 hours,
    unless it was revoked. `signed_out` says that the newsroom ended the session by itself, and
    that the reader has not been told why.
    """

    pass_: Pass | None = None
    set_cookie: str = ""
    failed: bool = False
    signed_out: bool = False


FAILED = Renewal(failed=True)
NO_PASS = Renewal()


class Refresher:
    """One request to the newsroom at a time for one reader's cookies."""

    def __init__(self, newsroom: Newsroom, visitors: Visitors, token: str) -> None:
        self._newsroom = newsroom
        self._visitors = visitors
        self._token = token
        self._running: dict[tuple[str, int], asyncio.Task[Renewal]] = {}
        self._paused_until = 0.0

    async def renew(self, cookies: str, origin: str, revocation: int = 0) -> Renewal:
        """Renew the pass in a Cookie field. `revocation` is the last one the gate knows of.

        Shared by requests with the very same cookies only: a pass copied to another browser must
        not be handed what the session of its owner is given. And not shared across a revocation:
        what was asked before it may be answered with the rights of before.
        """
        if time.monotonic() < self._paused_until:
            return FAILED
        key = (cookies, revocation)
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(self._asked(cookies, origin))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        return await asyncio.shield(task)

    async def _asked(self, cookies: str, origin: str) -> Renewal:
        scheme, _, host = origin.partition("://")
        fields = [
            (b"host", host.encode()),
            (b"cookie", cookies.encode("latin-1", "replace")),
            (b"x-forwarded-proto", scheme.encode()),
            (b"x-broadsheet-gate", self._token.encode()),
        ]
        try:
            response = await self._newsroom.ask("/-/pass", fields, seconds=ANSWER_SECONDS)
        except NewsroomSilent:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            return FAILED
        if response.status == 401:
            signed_out = any(name.lower() == SIGNED_OUT for name, _ in response.headers)
            return Renewal(None, cleared_pass_cookie(origin), signed_out=signed_out)
        return self._given(response.headers) if response.status == 200 else FAILED

    def _given(self, headers: list[tuple[bytes, bytes]]) -> Renewal:
        for name, value in headers:
            set_cookie = value.decode("latin-1")
            if name.lower() == b"set-cookie" and (pass_ := self._visitors.pass_in(set_cookie)):
                return Renewal(pass_, set_cookie)
        return FAILED
