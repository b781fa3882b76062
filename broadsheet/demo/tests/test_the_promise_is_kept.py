"""The demo promises no more premium reports a day than its own editors pick."""

import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta

from broadsheet.demo.actions import HERE


def test_each_day_of_the_demo_has_as_many_premium_reports_as_it_promises():
    promised = tomllib.loads((HERE / "paper.toml").read_text())["premium_promise"]
    facts = [tomllib.loads(path.read_text()) for path in (HERE / "articles").glob("*.toml")]
    ages = [float(one["hours_ago"]) for one in facts if one["access"] == "premium"]
    assert promised > 0
    for hour in range(1, 24):
        now = datetime(2026, 11, 20, hour, tzinfo=UTC)
        picked = Counter((now - timedelta(hours=age)).date() for age in ages)
        days = [now.date() - timedelta(days=n) for n in range(3)]
        assert min(picked[day] for day in days) >= promised
