"""A gate that starts looks whether its port is free, and disturbs nobody who listens there."""

import socket
import threading
from collections.abc import Iterator

import pytest

from broadsheet.gate.serve import check_port
from broadsheet.kit.say import Refusal


@pytest.fixture(params=[False, True])
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """Somebody who listens, as granian does (with SO_REUSEPORT) or as others do."""
    with socket.create_server(("127.0.0.1", 0), reuse_port=request.param, backlog=512) as server:
        yield server


def test_a_port_where_somebody_listens_is_refused_to_a_gate_alone(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(Refusal, match=str(port)):
        check_port("127.0.0.1", port)


def test_a_port_that_was_left_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            left.accept()[0].close()
    check_port("127.0.0.1", port)
    check_port("127.0.0.1", port, among=4)


def test_no_reader_of_another_gate_is_lost_to_the_look() -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0), reuse_port=True, backlog=512) as server:
        port = server.getsockname()[1]

        def greet() -> None:
            while not done.is_set():
                with server.accept()[0] as reader:
                    reader.sendall(b"x")

        def look() -> None:
            while not done.is_set():
                check_port("127.0.0.1", port, among=4)

        both = [threading.Thread(target=work, daemon=True) for work in (greet, look)]
        for one in both:
            one.start()
        came = [greeted(port) for _ in range(1500)]
        done.set()
        greeted(port)
        for one in both:
            one.join(timeout=5)
    assert all(came)


def greeted(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as reader:
            return reader.recv(1) == b"x"
    except OSError:
        return False
