"""What the gate knows of the paper beside its pages: facts that the press lays down."""

import json
import sqlite3
from dataclasses import dataclass

from broadsheet.gate.crawlers import TEASERS, Choice, read_choice
from broadsheet.gate.policy import Policy, read_policy
from broadsheet.kit.env import DEFAULT_ORIGIN


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate knows of the paper. `origin` has no trailing slash; `zone` is an IANA name.

    `proxied` are the first path segments that belong to the newsroom ("desk", "accounts", ...).
    `hub` is the address of the WebSub hub that feeds name, or "". `networks` is the number of the
    event that changed the institutions' networks last. `crawlers` says who of them gets what;
    `usage` what the content may be used for (the field Content-Usage), or "".
    """

    origin: str
    zone: str
    policy: Policy
    proxied: frozenset[str]
    version: str
    hub: str = ""
    networks: int = 0
    crawlers: Choice = TEASERS
    usage: str = ""


def read_facts(connection: sqlite3.Connection) -> Facts:
    """The facts in force; a store that was never pressed gives the defaults of a new paper."""
    rows = dict(connection.execute("SELECT name, value FROM fact"))
    return Facts(
        origin=rows.get("origin", DEFAULT_ORIGIN),
        zone=rows.get("zone", "UTC"),
        policy=read_policy(rows),
        proxied=frozenset(json.loads(rows.get("proxied", "[]"))),
        version=rows.get("version", ""),
        hub=rows.get("hub", ""),
        networks=int(rows.get("networks", "0")),
        crawlers=read_choice(rows),
        usage=rows.get("usage", ""),
    )
