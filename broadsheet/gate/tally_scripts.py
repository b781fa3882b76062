"""The steps that a tally takes at once, in Lua (Redis 6 or newer, any Valkey).

A reader's reads are one hash: article -> "seconds.section", and "v", which grows with each change,
so that a gate writes only when nothing changed since it looked. Who used a link is another: browser
-> "" until it is in the journal, then "+". The mark says of the whole tally "<run id of the server>
<complete since> <of what> <nonce>": who finds it gone, or that of a server that was started again,
takes up the journal before anything is counted. Nothing is let go of that the mark vouches for.
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

LAST = """
local function last(key, life)
  if redis.call('TTL', key) < tonumber(life) then redis.call('EXPIRE', key, life) end
end
"""

LOOK_OPENED = _script("""
local known = redis.call('HGET', KEYS[2], ARGV[1])
return {redis.call('GET', KEYS[1]) or '', known or '-', redis.call('HLEN', KEYS[2])}
""")
"""mark, link; browser -> the mark, what is known of the browser ("-" nothing), how many used it."""

OPEN = _script(f"""{LAST}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local used, known = redis.call('HLEN', KEYS[2]), redis.call('HGET', KEYS[2], ARGV[2])
if known then return known == '+' and -2 or used end
if used >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], '')
last(KEYS[2], ARGV[4])
return used + 1
""")
"""mark, link; mark, browser, how many may, life in seconds -> how many used it by now, 0 when this
browser may not, -1 when the mark is another, -2 when this browser is in the journal."""

OPENED = _script("""
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], '+')
return 1
""")
"""link; browser: it is in the journal."""

NOT_OPENED = _script("""
if redis.call('HGET', KEYS[1], ARGV[1]) ~= '' then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
""")
"""link; browser: it could not be written into the journal, and nothing was sent."""

TAKE_OPENED = _script(f"""{LAST}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('EXPIRE', KEYS[1], ARGV[2])
for i = 4, #ARGV do redis.call('HSET', KEYS[2], ARGV[i], '+') end
last(KEYS[2], ARGV[3])
return 1
""")
"""claim, link; gate, seconds, life in seconds, browser, ... -> 0 when the claim ran out."""

UNWRITTEN = "redis.set_repl(redis.REPL_NONE)"
"""What follows goes neither into the append-only file nor to a replica."""

JOIN = _script(f"""{UNWRITTEN}
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HSET', KEYS[1], 'salt', ARGV[1], 'run', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return redis.call('HMGET', KEYS[1], 'salt', 'run')
""")
"""day; salt, run, seconds that are left of it -> the salt and run that hold."""

TELL = _script(f"""{UNWRITTEN}
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
""")
"""day; run, network, how many reads a gate took for it, ..."""

TAKE_SHARE = _script(f"""{UNWRITTEN}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -2 end
if redis.call('HGET', KEYS[2], 'run') ~= ARGV[2] then return -1 end
local taken = redis.call('HGET', KEYS[2], ARGV[3])
if tonumber(taken or 0) >= tonumber(ARGV[4]) then return 0 end
if not taken and redis.call('HLEN', KEYS[2]) - 2 >= tonumber(ARGV[5]) then return 2 end
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
return 1
""")
"""mark, day; mark, run, network, of how many, how many networks at most -> 1 when a read was taken,
0 when none is left, 2 when no network more is kept, -1 when the run is another, -2 the mark."""

GIVE_SHARE = _script(f"""{UNWRITTEN}
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] then return 0 end
if tonumber(redis.call('HGET', KEYS[1], ARGV[2]) or 0) < 1 then return 0 end
return redis.call('HINCRBY', KEYS[1], ARGV[2], -1)
""")
"""day; run, network."""

SCRIPTS = (
    GREET, LOOK, SPEND, GIVE_BACK, MERGE, CLAIM, TAKE, MARK, KEEP,
    LOOK_OPENED, OPEN, OPENED, NOT_OPENED, TAKE_OPENED,
    JOIN, TELL, TAKE_SHARE, GIVE_SHARE,
)  # fmt: skip
