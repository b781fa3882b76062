"""What a publisher types is checked when it is saved, with the reason beside the field."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.config.urls import urlpatterns
from broadsheet.desk.models import Paper, Section, StaticPage
from broadsheet.desk.rules import RESERVED_SLUGS
from broadsheet.subscriptions.models import MeterPolicy
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
WRONG = ["{{ free_limit }}", "{{paper", "{% if %}", "}}", "{# no #}", "{{ paper.name }}", "{{}}"]


@pytest.fixture
def publisher(paper):
    user = User.objects.create_superuser("pia@lantern.example", PASSWORD)
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert client.login(email=user.email, password=PASSWORD)
    return client


@pytest.mark.parametrize("text", WRONG)
def test_an_unknown_token_in_a_static_page_is_refused(paper, text):
    page = StaticPage(slug="about", title="About", body=f"<p>We are {text}.</p>")
    with pytest.raises(ValidationError) as refusal:
        page.full_clean()
    assert set(refusal.value.message_dict) == {"body"}


def test_the_papers_name_is_a_known_token(paper):
    StaticPage(slug="about", title="About", body="<p>We are {{ paper }}.</p>").full_clean()


@pytest.mark.parametrize("text", [wrong for wrong in WRONG if "free_limit" not in wrong])
def test_an_unknown_token_on_the_wall_is_refused(paper, text):
    with pytest.raises(ValidationError) as refusal:
        MeterPolicy(invitation=f"Join {text} now").full_clean()
    assert set(refusal.value.message_dict) == {"invitation"}


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("name", ["name", "nameplate", "tagline", "description"])
def test_the_papers_own_words_hold_no_tokens(paper, name, text):
    setattr(paper, name, f"Lantern {text}")
    with pytest.raises(ValidationError) as refusal:
        paper.full_clean()
    assert name in refusal.value.message_dict


@pytest.mark.parametrize("slug", [*sorted(RESERVED_SLUGS), "2026"])
def test_an_address_of_the_paper_is_no_section(paper, slug):
    with pytest.raises(ValidationError) as refusal:
        Section(slug=slug, name="News").full_clean()
    assert set(refusal.value.message_dict) == {"slug"}


def test_every_address_of_the_newsroom_is_reserved(paper):
    within = [q for p in urlpatterns if not str(p.pattern) for q in p.url_patterns]
    found = [str(p.pattern).strip("/").split("/")[0] for p in [*urlpatterns, *within]]
    # What begins with a dot is no address that staff can choose.
    assert {name for name in found if name and name[0] != "."} - {"-"} <= RESERVED_SLUGS
    for name in ("premium", "feed", "sitemap", "robots", "healthz", "static", "media"):
        assert name in RESERVED_SLUGS


def test_sections_and_static_pages_do_not_share_an_address(paper):
    StaticPage.objects.create(slug="help", title="Help", body="<p>x</p>")
    with pytest.raises(ValidationError):
        Section(slug="help", name="Help").full_clean()
    with pytest.raises(ValidationError):
        StaticPage(slug="world", title="World", body="<p>x</p>").full_clean()
    with pytest.raises(ValidationError):
        StaticPage(slug="desk", title="Desk", body="<p>x</p>").full_clean()


def test_an_unknown_time_zone_is_refused(paper):
    paper.time_zone = "Asia/Atlantis"
    with pytest.raises(ValidationError, match="time zone"):
        paper.full_clean()


def test_the_desk_shows_the_reason_and_saves_nothing(publisher):
    answer = publisher.post(
        reverse("sections:add"),
        {"name": "News", "slug": "search", "description": "", "order": 1, "access": "metered"},
    )
    assert "is an address of the paper itself" in answer.content.decode()
    assert not Section.objects.filter(slug="search").exists()


def test_the_settings_of_the_paper_are_saved_from_the_desk(publisher):
    address = reverse("wagtailsettings:edit", args=["desk", "paper", Paper.load().pk])
    posted = {
        "name": "The Beacon", "nameplate": "", "tagline": "", "description": "",
        "language": "de", "time_zone": "Europe/Lisbon", "premium_promise": "30",
    }  # fmt: skip
    publisher.post(address, posted)
    assert Paper.objects.get().name == "The Beacon"
    publisher.post(address, posted | {"name": "The {{ x }}"})
    assert Paper.objects.get().name == "The Beacon"
