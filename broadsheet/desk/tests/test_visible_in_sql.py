"""The predicate of visibility in SQL and in Python: equal over random rows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.desk.models import Article, Section

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENTS = st.none() | st.integers(-2, 2).map(lambda hours: NOW + timedelta(hours=hours))
ROWS = st.fixed_dictionaries(
    {
        "live": st.integers(0, 3).map(bool),
        "held": st.integers(0, 3).map(lambda n: n == 0),
        "withdrawn_at": st.none() | st.just(NOW - timedelta(hours=1)),
        "embargo_until": MOMENTS,
        "wire_embargo_until": MOMENTS,
        "expire_at": MOMENTS,
        "wire_expires": MOMENTS,
    }
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(ROWS, min_size=5, max_size=20), hours=st.integers(-3, 3))
def test_sql_and_python_agree(paper, rows, hours):
    Article.objects.all().delete()
    section = Section.objects.first()
    made = Article.objects.bulk_create([Article(section=section, **row) for row in rows])
    at = NOW + timedelta(hours=hours)
    in_sql = set(Article.objects.visible(at).values_list("pk", flat=True))
    assert in_sql == {article.pk for article in made if article.visible(at)}
