"""The picture library: kinds, rights, where a picture stands, and taking it back everywhere."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article, Picture, Section
from broadsheet.kit import clock
from tests.cast import ada, ben
from tests.picture_cast import jpeg, own_picture

pytestmark = pytest.mark.django_db

XMP = (
    b'<x xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:Credit="File/Bo"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description>Cranes</dc:description></x>'
)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def without(*rights):
    """An editor who lacks rights."""
    from django.contrib.auth.models import Permission

    user = ada()
    for group in user.groups.all():
        group.permissions.remove(*Permission.objects.filter(codename__in=rights))
    return User.objects.get(pk=user.pk)


def shown(client, **asked):
    text = client.get("/desk/pictures/", asked).content.decode()
    return {p.title for p in Picture.objects.all() if f">{p.title}<" in text}


def test_the_library_shows_pictures_by_kind(paper):
    now = clock.now()
    own_picture("Ours")
    own_picture("Wires", from_wire=True)
    own_picture("Bare", credit="")
    own_picture("Soon", expires=now + timedelta(days=6))
    own_picture("Later", expires=now + timedelta(days=8))
    own_picture("Over", expires=now - timedelta(minutes=1))
    own_picture("Back", withdrawn_at=now)
    client = signed_in(ada())
    assert len(shown(client)) == 7
    assert shown(client, kind="wire") == {"Wires"}
    assert shown(client, kind="own") == {"Ours", "Bare", "Soon", "Later", "Over", "Back"}
    assert shown(client, kind="uncredited") == {"Bare"}
    assert shown(client, kind="ending") == {"Soon"}
    assert shown(client, kind="over") == {"Over", "Back"}
    assert shown(client, q="photo: lat") == {"Later"}
    assert shown(client, kind="nonsense") == shown(client)


def test_the_library_costs_the_same_with_many_pictures(paper):
    client = signed_in(ada())

    def stock(numbers):
        for number in numbers:
            picture = own_picture(f"P{number}")
            picture.get_rendition("max-165x165")
            Article.objects.create(
                headline=f"H{number}", section=Section.objects.first(), picture=picture
            )

    def asked():
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/desk/pictures/").status_code == 200
        return len(captured)

    stock(range(3))
    asked()
    few = asked()
    stock(range(3, 15))
    assert asked() == few


def test_where_a_picture_stands_costs_the_same_with_many_reports(paper):
    client, picture = signed_in(ada()), own_picture()
    picture.get_rendition("max-165x165")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/desk/pictures/{picture.pk}/").content.decode()
        return len(captured), page

    section = Section.objects.first()
    Article.objects.create(headline="First", section=section, picture=picture)
    asked()
    few, page = asked()
    assert "First" in page
    for number in range(8):
        Article.objects.create(headline=f"H{number}", section=section, picture=picture)
    many, page = asked()
    assert "H7" in page
    assert many == few


def test_a_picture_is_withdrawn_after_being_asked(paper):
    client, picture = signed_in(ada()), own_picture()
    address = f"/desk/pictures/{picture.pk}/"
    assert "Withdraw this picture everywhere" in client.get(address).content.decode()
    assert client.post(address, {}).status_code == 302
    picture.refresh_from_db()
    assert picture.withdrawn_at is None
    client.post(address, {"sure": "yes"})
    picture.refresh_from_db()
    assert picture.withdrawn_at is not None
    assert picture.withdrawn_by == "ada@lantern.example"
    page = client.get(address).content.decode()
    assert "Withdraw this picture everywhere" not in page
    assert "ada@lantern.example" in page


def test_withdrawing_a_picture_is_a_right_of_its_own(paper):
    picture = own_picture()
    client = signed_in(without("withdraw_picture"))
    address = f"/desk/pictures/{picture.pk}/"
    assert "Withdraw this picture everywhere" not in client.get(address).content.decode()
    client.post(address, {"sure": "yes"})
    picture.refresh_from_db()
    assert picture.withdrawn_at is None
    reader = signed_in(ben())
    assert reader.get("/desk/pictures/").status_code in (302, 403)
    assert Client().get("/desk/pictures/").status_code == 302
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(email="ada@lantern.example"))
    assert strict.post(address, {"sure": "yes"}).status_code == 403


def huge():
    """A JPEG whose header claims 81 million pixels: it must not be decoded to find out."""
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = (9000).to_bytes(2, "big") + (9000).to_bytes(2, "big")
    return bytes(data)


def upload(client, data, **fields):
    posted = {"title": "Cranes", "file": SimpleUploadedFile("a.jpg", data, "image/jpeg")}
    posted |= {"tags": "", "description": "", **fields}
    return client.post("/desk/images/add/", posted)


def test_what_the_file_says_is_filled_in_where_nobody_wrote(paper):
    client = signed_in(ada())
    upload(client, jpeg(xmp=XMP), caption="Ours", credit="")
    picture = Picture.objects.get()
    assert (picture.caption, picture.credit) == ("Ours", "File/Bo")
    assert picture.embedded == {"caption": "Cranes", "credit": "File/Bo"}
    page = client.get(f"/desk/images/{picture.pk}/").content.decode()
    assert 'value="File/Bo"' in page


def test_case_04_picture_that_cannot_be_shown_is_refused_with_the_reason(paper):
    client = signed_in(ada())
    whole = jpeg(size=(900, 600))
    page = upload(client, whole[: len(whole) // 2]).content.decode()
    assert "This picture cannot be taken." in page
    assert not Picture.objects.exists()
    page = upload(client, huge()).content.decode()
    assert "60 million" in page
    page = upload(client, jpeg(), caption="Read {{ this }}").content.decode()
    assert "Template marks" in page
    assert not Picture.objects.exists()


def test_a_picture_whose_rights_are_over_is_not_offered_and_not_published(paper):
    client = signed_in(ada())
    over = own_picture("Over", expires=clock.now() - timedelta(minutes=1))
    own_picture("Good")
    offered = client.get("/desk/images/chooser/").content.decode()
    assert "Good" in offered
    assert "Over" not in offered
    article = Article.objects.create(headline="H", section=Section.objects.first(), live=False)
    answer = client.post(f"/desk/snippets/desk/article/edit/{article.pk}/", {
        "headline": "H", "body": "null", "picture": over.pk, "section": article.section_id,
        "news_value": 3, "action-publish": "1",
    })  # fmt: skip
    assert "The rights in this picture are over." in answer.content.decode()
    article.refresh_from_db()
    assert not article.live
