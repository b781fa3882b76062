"""What readers are sent of a picture: sizes for their screens, cut around its point, no more."""

import io
import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from broadsheet.desk import actions as desk
from broadsheet.desk.models import Picture, Rendition
from broadsheet.desk.models.pictures import FALLBACK, PUBLIC_SPECS, SQUARE
from broadsheet.desk.reads import picture_view
from broadsheet.desk.reads.pictures import public_files, sizes
from tests.cast import ada, ben
from tests.picture_cast import jpeg, own_picture

pytestmark = pytest.mark.django_db


def opened(rendition):
    return Image.open(Path(settings.MEDIA_ROOT) / str(rendition.file.name))


def taken_sideways():
    """A JPEG whose camera lay on its side, with its place, its owner and a red left edge."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn by 90 degrees to see it upright.
    exif[0x8298] = "(c) Ann"
    exif.get_ifd(0x8825).update({1: "N", 2: (53.0, 12.0, 4.0), 3: "E", 4: (7.0, 1.0, 2.0)})
    picture = Image.new("RGB", (1600, 2400), "navy")
    picture.paste("red", (0, 2000, 1600, 2400))
    data = io.BytesIO()
    picture.save(data, "JPEG", exif=exif, xmp=b"<x/>", comment=b"secret place")
    return data.getvalue()


def test_a_page_names_webp_in_three_widths_and_one_jpeg(paper):
    view = picture_view(Picture.make(jpeg(size=(2400, 1800)), "a.jpg", title="A", credit="C"))
    assert [part.split()[1] for part in view.srcset.split(", ")] == ["480w", "800w", "1200w"]
    assert all(part.split()[0].endswith(".webp") for part in view.srcset.split(", "))
    assert view.src.endswith(".jpg")
    assert (view.width, view.height) == (1200, 800)
    assert view.square.endswith(".webp")


def test_no_size_tells_where_the_picture_was_taken(paper):
    made = sizes(Picture.make(taken_sideways(), "a.jpg", title="A", credit="C"))
    for rendition in made.values():
        with opened(rendition) as image:
            assert dict(image.getexif()) == {}
            assert not {"exif", "xmp", "comment", "photoshop"} & set(image.info)
        assert b"secret place" not in Path(image.filename).read_bytes()


def test_a_picture_taken_sideways_is_shown_upright(paper):
    made = sizes(Picture.make(taken_sideways(), "a.jpg", title="A", credit="C"))
    with opened(made[FALLBACK]) as image:
        assert image.size == (1200, 800)
        red, _, blue = image.convert("RGB").getpixel((10, 400))
        assert red > 200 > blue
        assert image.convert("RGB").getpixel((1190, 400))[0] < 60


def test_a_picture_in_print_colours_is_shown_in_those_of_screens(paper):
    data = io.BytesIO()
    Image.new("CMYK", (900, 600), (0, 200, 200, 0)).save(data, "JPEG")
    made = sizes(Picture.make(data.getvalue(), "a.jpg", title="A", credit="C"))
    for rendition in made.values():
        with opened(rendition) as image:
            assert image.mode == "RGB"


def test_sizes_are_cut_around_the_focal_point(paper):
    image = Image.new("RGB", (3000, 800), "navy")
    image.paste("red", (2600, 0, 3000, 800))
    data = io.BytesIO()
    image.save(data, "PNG")
    picture = Picture.make(
        data.getvalue(), "a.png", title="A", credit="C", focal_point_x=2800, focal_point_y=400,
        focal_point_width=300, focal_point_height=300,
    )  # fmt: skip
    with opened(sizes(picture)[SQUARE]) as square:
        red, _, blue = square.convert("RGB").getpixel((200, 120))
        assert red > 200 > blue


def test_what_no_page_asks_for_is_cleared_out(paper, django_capture_on_commit_callbacks):
    picture, withdrawn = own_picture("Quay"), own_picture("Crane")
    kept = set(public_files(picture))
    old = sizes(withdrawn)
    picture.get_rendition("width-50")
    picture.get_rendition("max-165x165")
    folder = Path(settings.MEDIA_ROOT) / "images"
    (folder / "orphan.webp").write_bytes(b"x")
    (folder / "fresh.webp").write_bytes(b"x")
    os.utime(folder / "orphan.webp", (time.time() - 7200,) * 2)
    Picture.objects.filter(pk=withdrawn.pk).update(withdrawn_at="2026-11-20T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        desk.clear_out()
    left = {f"images/{path.name}" for path in folder.iterdir()}
    assert kept <= left
    assert "images/orphan.webp" not in left
    assert "images/fresh.webp" in left
    assert not {str(r.file.name) for r in old.values()} & left
    specs = set(Rendition.objects.filter(image=picture).values_list("filter_spec", flat=True))
    assert specs == {*PUBLIC_SPECS, "max-165x165"}
    assert Path(withdrawn.file.path).exists()


def test_sizes_around_an_old_focal_point_are_cleared_out(paper):
    picture = own_picture("Quay")
    before = set(public_files(picture))
    picture.focal_point_x, picture.focal_point_y = 5, 5
    picture.focal_point_width = picture.focal_point_height = 4
    picture.save()
    picture = Picture.objects.get(pk=picture.pk)
    after = set(public_files(picture))
    assert not before & after
    desk.clear_out()
    left = {str(name) for name in Rendition.objects.values_list("file", flat=True)}
    assert left == after


def test_the_desks_own_sizes_are_for_staff_alone(paper):
    picture = own_picture("Quay")
    size = picture.get_rendition("max-165x165")
    assert size.url.startswith("/desk/")
    staff, reader, nobody = Client(), Client(), Client()
    staff.force_login(ada())
    reader.force_login(ben())
    answer = staff.get(size.url)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert reader.get(size.url).status_code in (302, 403)
    assert nobody.get(size.url).status_code == 302
    Picture.objects.update(withdrawn_at="2026-11-20T00:00:00Z")
    assert staff.get(size.url).status_code == 410
    assert staff.get("/media/" + str(size.file.name)).status_code == 404
