"""What is said where no page can be shown: a pressed page "!404", or a sentence in its place."""

from contextlib import suppress

from broadsheet.gate.answers import SECRET, say
from broadsheet.gate.codings import codings_of
from broadsheet.gate.fields import accept_encoding
from broadsheet.gate.memory import Memory, StoreSilent
from broadsheet.gate.rsgi import Exchange, Headers
from broadsheet.gate.rules import FULL


class Notices:
    """Notices of one paper. No cache may keep one."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def closed(self, proto: Exchange, headers: Headers, *, gone: bool) -> None:
        """Say that there is no page, or that there is none any more."""
        if gone:
            self._say(proto, headers, 410, "This page is no longer available.")
        else:
            self._say(proto, headers, 404, "There is no page at this address.")

    def silent(self, proto: Exchange, headers: Headers) -> None:
        """Say that what is needed for the page does not answer."""
        sentence = "This page is not available at the moment. Please try again shortly."
        self._say(proto, headers, 503, sentence, ("retry-after", "10"))

    def _say(
        self, proto: Exchange, headers: Headers, status: int, sentence: str, *more: tuple[str, str]
    ) -> None:
        """The pressed page "!<status>", or the sentence when there is none."""
        codings = codings_of(accept_encoding(headers))
        answer = None
        with suppress(StoreSilent):
            if (address := self._memory.find(f"!{status}")) is not None:
                answer = self._memory.answer(address, (FULL, codings, SECRET))
        if answer is None:
            return say(proto, status, sentence, *more)
        proto.response_bytes(status, [*answer.headers, *more], answer.body)
