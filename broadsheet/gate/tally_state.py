"""What the doctor asks a tally: whether it can be reached, and whether it keeps what it is told."""

from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from broadsheet.gate.tally import plain_url

ASKED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class TallyState:
    """`problem` says why it cannot be asked, "" when it can. `keeps` is whether it writes an
    append-only file, `evicts` how it makes room by forgetting, "" when it never does."""

    name: str = ""
    problem: str = ""
    keeps: bool = False
    evicts: str = ""


def tally_state(url: str) -> TallyState:
    """Ask the server about itself (INFO)."""
    try:
        with Redis.from_url(
            plain_url(url),
            protocol=2,
            socket_timeout=ASKED_SECONDS,
            socket_connect_timeout=ASKED_SECONDS,
        ) as server:
            known = {k: str(v) for k, v in server.info().items()}
    except (RedisError, OSError) as error:
        return TallyState(problem=str(error) or "no answer")
    kind = "Valkey" if "valkey_version" in known else "Redis"
    policy = known.get("maxmemory_policy", "noeviction")
    return TallyState(
        name=f"{kind} {known.get('valkey_version') or known.get('redis_version', '')}",
        keeps=known.get("aof_enabled") == "1",
        evicts="" if policy == "noeviction" else policy,
    )
