"""The steps that a tally takes at once, in Lua (Redis 6 or newer, any Valkey).

A reader's reads are one hash: article -> "seconds.section", and "v", which grows with each change,
so that a gate writes only when nothing changed since it looked. The mark says of the whole tally
"<run id of the server> <complete since> <for days> <nonce>": who finds it gone, or that of a server
that was started again, takes up the journal before anything is counted. Nothing is let go of that
the mark vouches for.
"""

from hashlib import sha1
from typing import NamedTuple


class Script(NamedTuple):
    """A script, and the name under which the server keeps it: the SHA-1 that EVALSHA asks for."""

    text: str
    sha: str


def _script(text: str) -> Script:
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


RUN = "string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')"

SINCE = "string.match(redis.call('GET', KEYS[1]), '^%w+ (%d+)')"
"""From when on the tally is complete, by the mark."""

FORGET = """
local function forget(key, oldest)
  local found = redis.call('HGETALL', key)
  for i = 1, #found, 2 do
    if found[i] ~= 'v' and tonumber(string.match(found[i + 1], '^%d+')) < tonumber(oldest) then
      redis.call('HDEL', key, found[i])
    end
  end
end
"""
"""Reads that no period asks for any more go with the next change: a hash ends only as a whole.
Never those since the mark's moment, or a clock set back would find fewer than the mark says."""

GREET = _script(f"""
local mark = redis.call('GET', KEYS[1])
if mark and string.match(mark, '^%w+') ~= {RUN} then redis.call('DEL', KEYS[1]) end
return 1
""")
"""mark. First on each connection: a server that was started again may have forgotten reads."""

LOOK = _script("""
local other = KEYS[3] and redis.call('HGETALL', KEYS[3]) or {}
return {redis.call('GET', KEYS[1]) or '', redis.call('HGETALL', KEYS[2]), other}
""")
"""mark, reader[, anonymous reader] -> the mark, and the hash of each."""

SPEND = _script(f"""{FORGET}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if (redis.call('HGET', KEYS[2], 'v') or '0') ~= ARGV[2] then return 0 end
forget(KEYS[2], {SINCE})
redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
redis.call('HINCRBY', KEYS[2], 'v', 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
""")
"""mark, reader; mark, version, life in seconds, article, value -> 1 when nothing changed since,
else 0."""

GIVE_BACK = _script("""
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'v', 1)
return 1
""")
"""reader; article, value."""

MERGE = _script(f"""{FORGET}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {{}} end
forget(KEYS[2], {SINCE})
forget(KEYS[3], {SINCE})
local taken, found = {{}}, redis.call('HGETALL', KEYS[3])
for i = 1, #found, 2 do
  local at = tonumber(string.match(found[i + 1], '^%d+'))
  if found[i] ~= 'v' and at >= tonumber(ARGV[2]) then
    local known = redis.call('HGET', KEYS[2], found[i])
    if not known or tonumber(string.match(known, '^%d+')) < at then
      redis.call('HSET', KEYS[2], found[i], found[i + 1])
      taken[#taken + 1] = found[i]
      taken[#taken + 1] = found[i + 1]
    end
  end
end
if #taken > 0 then
  redis.call('HINCRBY', KEYS[2], 'v', 1)
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
return taken
""")
"""mark, account, anonymous reader; mark, from when, life in seconds -> articles and values that the
account took over."""

CLAIM = _script("""
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[3] then return 0 end
local claimed = redis.call('GET', KEYS[2])
if claimed and claimed ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
return 1
""")
"""mark, claim; gate, seconds, mark as it was seen -> 1 when this gate may take up the journal."""

TAKE = _script(f"""{FORGET}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('EXPIRE', KEYS[1], ARGV[2])
forget(KEYS[2], ARGV[4])
for i = 5, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[2], ARGV[i])
  local at = tonumber(string.match(ARGV[i + 1], '^%d+'))
  if not known or tonumber(string.match(known, '^%d+')) < at then
    redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
  end
end
redis.call('HINCRBY', KEYS[2], 'v', 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
""")
"""claim, reader; gate, seconds, life in seconds, oldest to keep, article, value, ... -> 0 when the
claim ran out."""

MARK = _script(f"""
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], {RUN} .. ' ' .. ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1
""")
"""mark, claim; gate, the rest of the mark, its life in seconds -> 0 when the claim ran out."""

KEEP = _script("""
local mark = redis.call('GET', KEYS[1])
if not mark then return '' end
local run, since, rest = string.match(mark, '^(%w+) (%d+) (.*)$')
if tonumber(since) < tonumber(ARGV[1]) then since = ARGV[1] end
mark = run .. ' ' .. since .. ' ' .. rest
redis.call('SET', KEYS[1], mark, 'EX', ARGV[2])
return mark
""")
"""mark; complete since, life in seconds -> the mark, which vouches for no more than that now: what
is older may be let go of."""

SCRIPTS = (GREET, LOOK, SPEND, GIVE_BACK, MERGE, CLAIM, TAKE, MARK, KEEP)
