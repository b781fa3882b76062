"""The gate asked without a socket: its own code from the request to the answer."""

from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

from broadsheet.gate.app import Gate

T = TypeVar("T")


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What work answers that must not wait for anything. Raises AssertionError when it does."""
    try:
        work.send(None)
    except StopIteration as answered:
        found: T = answered.value
        return found
    raise AssertionError("It waited for something.")


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Asked(dict):
    """Header fields of a request."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


class Answer:
    """What the gate answered: status, fields and body, a file's content as it would be sent."""

    status, body = 0, b""
    fields: ClassVar[list[tuple[str, str]]] = []

    def response_empty(self, status, headers):
        self.status, self.fields, self.body = status, headers, b""

    def response_bytes(self, status, headers, body):
        self.status, self.fields, self.body = status, headers, body

    def get(self, name):
        return ", ".join(value for key, value in self.fields if key == name)

    def response_file(self, status, headers, file):
        with open(file, "rb") as sent:
            self.status, self.body = status, sent.read()


class Request:
    """A request for a path; in names of fields "_" stands for "-"."""

    http_version, authority = "1.1", None

    def __init__(
        self, path: str, method: str = "GET", client: str = "127.0.0.1:5000", **fields: str
    ) -> None:
        self.path, _, self.query_string = path.partition("?")
        self.method, self.client = method, client
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.headers = Asked({"host": "localhost", **named})


def asked(gate: Gate, path: str, method: str = "GET", **fields: str) -> Answer:
    """The gate's own answer, without a socket: its clock is the test's.

    Raises AssertionError when it awaits anything, such as the newsroom.
    """
    answer = Answer()
    work = gate.__rsgi__(Request(path, method, **fields), answer)  # type: ignore[arg-type]
    try:
        work.send(None)
    except StopIteration:
        return answer
    raise AssertionError(f"The gate waited for something to answer {path}.")
