"""What must be one step on the Redis or Valkey server. A script run twice (a retry) has the effect of running it once,
but for ``TALLY``.

A claim is a hash: ``s`` is ``r`` (running) or ``d`` (done), ``t`` the holder's token, ``c`` the note or the kept value.

A cache entry is a hash: ``g`` its generation (a random mark; with the server's run id it is a ticket), ``v`` the value,
``i`` the server's run id when the value was put, and per change under way ``w:<mark>``, the server time in ms at which
its lease ends. A ticket or value of an earlier life of the server (restarted from a snapshot) or of another server (a
failover) counts for nothing: such a server may have lost the change that made it worthless.
"""

CLAIM = """
local held = redis.call('HMGET', KEYS[1], 's', 't', 'c')
if held[1] == 'd' then return {'done', held[3]} end
if held[1] == 'r' and held[2] ~= ARGV[1] then return {'running', held[3], redis.call('PTTL', KEYS[1])} end
redis.call('HSET', KEYS[1], 's', 'r', 't', ARGV[1], 'c', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'claimed'}
"""

COMPLETE = """
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 's', 'd', 'c', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
for n = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[n], '-inf', now)
  redis.call('ZADD', KEYS[n], now + ARGV[3], KEYS[1])
  if redis.call('PTTL', KEYS[n]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[n], ARGV[3]) end
end
return 1
"""

RELEASE = """
local held = redis.call('HMGET', KEYS[1], 's', 't')
if held[1] == 'r' and held[2] == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

FORGET = """
local gone = 0
for _, claim in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if redis.call('HGET', claim, 's') == 'd' then gone = gone + redis.call('DEL', claim) end
end
redis.call('DEL', KEYS[1])
return gone
"""

KEPT = """
local held = redis.call('HMGET', KEYS[1], 's', 'c')
return held[1] == 'd' and held[2]
"""

# A retry after a lost answer counts once more, which errs on the strict side.
TALLY = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count
"""

_ENTRIES = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local function changing(key, fields)
  local under_way = false
  for n = 1, #fields, 2 do
    if string.sub(fields[n], 1, 2) == 'w:' then
      if tonumber(fields[n + 1]) > now then under_way = true else redis.call('HDEL', key, fields[n]) end
    end
  end
  return under_way
end
local function field(fields, name)
  for n = 1, #fields, 2 do
    if fields[n] == name then return fields[n + 1] end
  end
  return false
end
"""

LOOK_UP = (
    _ENTRIES
    + """
local found = {}
for n, key in ipairs(KEYS) do
  local fields = redis.call('HGETALL', key)
  local value = field(fields, 'v')
  if changing(key, fields) then
    found[n] = {false, false}
  elseif value and field(fields, 'i') == run then
    found[n] = {value, field(fields, 'g') .. ':' .. run}
  else
    local generation = field(fields, 'g')
    if not generation then
      generation = ARGV[1]
      redis.call('HSET', key, 'g', generation)
    end
    if redis.call('PTTL', key) < tonumber(ARGV[2]) then redis.call('PEXPIRE', key, ARGV[2]) end
    found[n] = {false, generation .. ':' .. run}
  end
end
return found
"""
)

PUT = """
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local put = 0
for n, key in ipairs(KEYS) do
  local generation = redis.call('HGET', key, 'g')
  if generation and generation .. ':' .. run == ARGV[2 * n] then
    redis.call('HSET', key, 'v', ARGV[2 * n + 1], 'i', run)
    redis.call('PEXPIRE', key, ARGV[1])
    put = put + 1
  end
end
return put
"""
# A change begun since the ticket was taken has made another generation, so there is nothing else to ask.

BEGIN_CHANGE = (
    _ENTRIES
    + """
for _, key in ipairs(KEYS) do
  changing(key, redis.call('HGETALL', key))
  redis.call('HDEL', key, 'v', 'i')
  redis.call('HSET', key, 'g', ARGV[1], 'w:' .. ARGV[1], now + ARGV[2])
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
return 1
"""
)

END_CHANGE = """
for _, key in ipairs(KEYS) do
  redis.call('HDEL', key, 'v', 'i', 'w:' .. ARGV[1])
  redis.call('HSET', key, 'g', ARGV[2])
  if redis.call('PTTL', key) < tonumber(ARGV[3]) then redis.call('PEXPIRE', key, ARGV[3]) end
end
return 1
"""
