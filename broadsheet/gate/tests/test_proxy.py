import gzip
import http.client
import socket
import threading
from pathlib import Path

from broadsheet.gate.tests.conftest import Asked, Newsroom, Paper, open_newsroom, page


def echo(asked: Asked) -> None:
    length = int(asked.headers.get("content-length") or 0)
    body = asked.rfile.read(length)
    text = f"{asked.command} {asked.path}\n{asked.headers}\n{len(body)}"
    asked.say(200, text.encode(), ("set-cookie", "a=1; Path=/"), ("set-cookie", "b=2; Path=/"))


def test_a_request_reaches_the_newsroom_as_it_was_sent(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = echo
    reply = shared_paper.ask("/desk/a%20b/%C3%A9?q=1%202&r=", cookie="x=1", accept="text/html")
    first, *rest = reply.body.decode().splitlines()
    assert first == "GET /desk/a%20b/%C3%A9?q=1%202&r="
    fields = [line.lower() for line in rest]
    assert "cookie: x=1" in fields and "accept: text/html" in fields
    assert f"host: 127.0.0.1:{shared_paper.port}" in fields
    assert "x-forwarded-for: 127.0.0.1" in fields and "x-forwarded-proto: http" in fields
    assert reply.all("set-cookie") == ["a=1; Path=/", "b=2; Path=/"]
    assert not reply.all("content-security-policy")


def test_what_a_client_says_about_its_way_here_is_not_believed(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = echo
    request = (
        "GET /desk/ HTTP/1.1\r\nhost: localhost\r\nhost: evil.test\r\nx-forwarded-for: 1.2.3.4\r\n"
        "X-Forwarded-Host: evil.test\r\nforwarded: for=1.2.3.4\r\nx_forwarded_for: 1.2.3.4\r\n"
        "x-real-ip: 1.2.3.4\r\nx-broadsheet-gate: guess\r\nconnection: close, x-secret\r\n"
        "x-secret: 1\r\n\r\n"
    )
    answer = shared_paper.raw(request.encode()).decode().lower()
    for lie in ("1.2.3.4", "evil.test", "guess", "x-secret: 1"):
        assert lie not in answer
    assert "x-forwarded-host: localhost" in answer


def test_uploads_stream_through_up_to_25_mb(shared_paper: Paper, shared_newsroom: Newsroom) -> None:
    shared_newsroom.answer = echo
    assert shared_paper.post("/desk/", b"x" * 3_000_000).body.endswith(b"\n3000000")
    head = (
        "POST /desk/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 26214401"
    )
    assert shared_paper.raw(f"{head}\r\n\r\n".encode()).startswith(b"HTTP/1.1 413")


def test_encoded_bytes_pass_through_unchanged(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    body = gzip.compress(b"a page of the desk" * 1000)
    shared_newsroom.answer = lambda asked: asked.say(200, body, ("content-encoding", "gzip"))
    reply = shared_paper.ask("/desk/")
    assert reply.body == body and reply.get("content-encoding") == "gzip"


def test_answers_stream_as_they_come(shared_paper: Paper, shared_newsroom: Newsroom) -> None:
    read = threading.Event()
    in_time: list[bool] = []

    def slowly(asked: Asked) -> None:
        asked.send_response(200)
        asked.send_header("transfer-encoding", "chunked")
        asked.end_headers()
        asked.wfile.write(b"5\r\nhello\r\n")
        asked.wfile.flush()
        in_time.append(read.wait(15))
        asked.wfile.write(b"5\r\nagain\r\n0\r\n\r\n")

    shared_newsroom.answer = slowly
    connection = http.client.HTTPConnection("127.0.0.1", shared_paper.port, timeout=30)
    connection.request("GET", "/desk/")
    answer = connection.getresponse()
    assert answer.read(5) == b"hello"
    read.set()
    assert answer.read() == b"again" and in_time == [True]
    connection.close()


def test_statuses_and_empty_answers_pass_through(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    for status in (201, 204, 302, 403, 500):
        shared_newsroom.answer = lambda asked, status=status: asked.say(
            status, b"", ("location", "/x")
        )  # type: ignore[misc]
        assert shared_paper.ask("/desk/").status == status
        assert shared_paper.ask("/desk/", "HEAD").status == status


def test_a_newsroom_that_is_down_gives_the_papers_own_503(paper: Paper) -> None:
    paper.press(page("!503", "<h1>Back shortly</h1>", "plain", status=503))
    paper.start()
    reply = paper.ask("/accounts/login/", accept_encoding="identity")
    assert reply.status == 503 and reply.get("retry-after") and b"Back shortly" in reply.body
    assert paper.ask("/").status == 200


def test_a_newsroom_that_breaks_off_gives_503(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = lambda asked: asked.connection.shutdown(socket.SHUT_RDWR)
    assert shared_paper.ask("/desk/").status == 503
    assert shared_paper.post("/desk/", b"x").status == 503


def test_only_the_newsrooms_addresses_are_passed_on(
    shared_paper: Paper, shared_newsroom: Newsroom
) -> None:
    shared_newsroom.answer = echo
    assert shared_paper.ask("/search?q=x").status == 200
    for path in (
        *("/-/pass", "/-/health", "/%2d/pass", "/-/", "/desk/../-/pass"),
        *("/desk/%2e%2e/-/pass", "/desk/./x", "//desk/", "/Desk/", "/deskx"),
    ):
        request = f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        assert shared_paper.raw(request.encode()).startswith(b"HTTP/1.1 404"), path


def test_a_long_path_of_the_home_is_no_obstacle(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 20) / ("path" * 20)
    home.mkdir(parents=True)
    paper = Paper(home)
    with open_newsroom(home) as newsroom:
        newsroom.answer = echo
        paper.start()
        assert paper.ask("/desk/").status == 200
        paper.kill()
