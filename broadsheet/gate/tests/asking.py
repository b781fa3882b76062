"""The gate asked without a socket: its own code from the request to the answer."""

from broadsheet.gate.app import Gate


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
    """What the gate answered: status and body, a file's content read as it would be sent."""

    status, body = 0, b""

    def response_empty(self, status, headers):
        self.status, self.body = status, b""

    def response_bytes(self, status, headers, body):
        self.status, self.body = status, body

    def response_file(self, status, headers, file):
        with open(file, "rb") as sent:
            self.status, self.body = status, sent.read()


class Request:
    """A request for a path."""

    http_version, query_string, client, authority = "1.1", "", "127.0.0.1:50000", None

    def __init__(self, path: str, method: str = "GET", **fields: str) -> None:
        self.path, self.method = path, method
        self.headers = Asked({"host": "localhost", **fields})


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
