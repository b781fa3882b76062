import gzip

import pytest

from broadsheet.gate.media import MediaFile
from broadsheet.gate.tests.conftest import Paper

INSIDE = b"this is the paper's secret"


@pytest.fixture(scope="module")
def stocked(shared_paper: Paper) -> Paper:
    home = shared_paper.home
    (home / "static" / "look").mkdir(parents=True)
    (home / "media" / "original_images").mkdir(parents=True)
    (home / "media" / "images").mkdir()
    (home / "static" / "look" / "paper.0123456789ab.css").write_text("body { color: black }\n" * 50)
    (home / "static" / "look" / "plain.js").write_text("export {};\n")
    (home / "static" / ".hidden.css").write_bytes(INSIDE)
    (home / "media" / "images" / "a.jpg").write_bytes(b"\xff\xd8" + b"x" * 200_000)
    (home / "media" / "images" / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (home / "media" / "images" / "page.html").write_text("<script>1</script>")
    (home / "media" / "original_images" / "a.jpg").write_bytes(INSIDE)
    (home / "media" / "images" / "link.jpg").symlink_to("../original_images/a.jpg")
    (home / "media" / "images" / "out.txt").symlink_to(home / "secret_key")
    (home / "secret_key").write_bytes(INSIDE)
    names = [
        "images/a.jpg", "images/a.svg", "images/page.html", "images/link.jpg", "images/out.txt",
        "original_images/a.jpg", "images/../original_images/a.jpg", "/original_images/a.jpg",
    ]  # fmt: skip
    shared_paper.press_event(lambda run: run.show_media(1, [MediaFile(n, 1) for n in names]))
    shared_paper.start()
    return shared_paper


def test_names_with_a_hash_are_kept_for_good(stocked: Paper) -> None:
    reply = stocked.ask("/static/look/paper.0123456789ab.css", accept_encoding="gzip")
    assert reply.get("cache-control") == "public, max-age=31536000, immutable"
    assert reply.get("content-type") == "text/css; charset=utf-8"
    assert gzip.decompress(reply.body).startswith(b"body")
    assert stocked.ask("/static/look/plain.js").get("cache-control") == "no-cache"


def test_pictures_are_sent_whole_and_not_again(stocked: Paper) -> None:
    reply = stocked.ask("/media/images/a.jpg")
    assert reply.get("content-type") == "image/jpeg" and len(reply.body) == 200_002
    assert reply.get("x-content-type-options") == "nosniff"
    again = stocked.ask("/media/images/a.jpg", if_none_match=reply.get("etag"))
    assert (again.status, again.body) == (304, b"")
    head = stocked.ask("/media/images/a.jpg", "HEAD")
    assert (head.status, head.get("content-length"), head.body) == (200, "200002", b"")


def test_a_changed_file_is_sent_anew(stocked: Paper) -> None:
    first = stocked.ask("/static/look/plain.js")
    (stocked.home / "static" / "look" / "plain.js").write_text("export const a = 1;\n")
    second = stocked.ask("/static/look/plain.js", if_none_match=first.get("etag"))
    assert second.status == 200 and b"const" in second.body


def test_uploaded_drawings_and_pages_cannot_run(stocked: Paper) -> None:
    assert stocked.ask("/media/images/a.svg").get("content-security-policy") == "sandbox"
    reply = stocked.ask("/media/images/page.html")
    assert reply.get("content-type") == "application/octet-stream"
    assert reply.get("content-disposition") == "attachment"


@pytest.mark.parametrize(
    "path",
    [
        "/media/original_images/a.jpg",
        "/media/Original_Images/a.jpg",
        "/media//original_images/a.jpg",
        "/media/images/../original_images/a.jpg",
        "/media/images/%2e%2e/original_images/a.jpg",
        "/media/images/..%2foriginal_images/a.jpg",
        "/media/images/..%5coriginal_images/a.jpg",
        "/media/images/link.jpg",
        "/media/images/out.txt",
        "/static/../secret_key",
        "/static/%2e%2e/secret_key",
        "/static/..%2fsecret_key",
        "/static/%252e%252e/secret_key",
        "/static/look/../../secret_key",
        "/static/.hidden.css",
        "/static//etc/passwd",
        "/static/look",
        "/static/look/",
        "/static/",
        "/static/%00",
        "/media/images/a.jpg/",
    ],
)
def test_nothing_outside_the_folders_is_shown(stocked: Paper, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    answer = stocked.raw(request.encode())
    assert answer.startswith(b"HTTP/1.1 404") and INSIDE not in answer


def test_files_can_only_be_read(stocked: Paper) -> None:
    assert stocked.ask("/static/look/plain.js", "POST").status == 405
