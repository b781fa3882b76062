"""`/healthz`: whether the paper can be read, and how far the press is behind."""

import json
from typing import Any

from broadsheet import __version__
from broadsheet.gate.memory import Memory
from broadsheet.gate.meter import Meter
from broadsheet.gate.newsroom import Newsroom, NewsroomSilent
from broadsheet.gate.rsgi import Fields

ANSWER_SECONDS = 1.0

FIELDS: Fields = [
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
]


async def report(memory: Memory, meter: Meter, newsroom: Newsroom, token: str) -> bytes:
    """JSON: `status` "ok" or "degraded", `version`, `checks` and `press_lag`.

    `press_lag` is the number of entries the press has still to apply, null when unknown.
    """
    room = await _asked(newsroom, token)
    lag = room.get("lag")
    checks = {
        "store": not memory.fault,
        **await meter.checks(),
        "newsroom": bool(room),
        "database": room.get("database") is True,
    }
    content = {
        "status": "ok" if all(checks.values()) else "degraded",
        "version": __version__,
        "checks": {name: "ok" if good else "failing" for name, good in checks.items()},
        "press_lag": lag if isinstance(lag, int | float) else None,
    }
    return json.dumps(content).encode()


async def _asked(newsroom: Newsroom, token: str) -> dict[str, Any]:
    fields = [(b"host", b"localhost"), (b"x-broadsheet-gate", token.encode())]
    try:
        response = await newsroom.ask("/-/health", fields, seconds=ANSWER_SECONDS)
        content = json.loads(response.content) if response.status == 200 else {}
    except (NewsroomSilent, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
