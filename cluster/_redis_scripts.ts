// Copyright 2026 the Weft authors. MIT license.

/**
 * What Redis does in one step. Every script may run twice, as its answer can be lost with the connection.
 *
 * ```
 *              XADD                      XREADGROUP                 XACK, XDEL
 *   put ───────────────► items ──────────────────────► a consumer ──────────────► gone
 *                                                        │      ▲
 *                                     given back, or dead ▼      │ XREADGROUP, first
 *                                                        back ───┘
 * ```
 *
 * An item that goes back becomes a new entry of a second stream, which everybody reads first: so whoever waits for
 * items in Redis is woken by it, too, and the number of an entry is never delivered to two.
 *
 * A consumer has a lease, the time of the server until which it is alive for sure: what is pending for one whose
 * lease is over goes back.
 */

/** A script and the number under which the server knows it. */
export interface RedisScript {
  readonly source: string;
  /** Its SHA-1 in hexadecimal digits, once it is known. */
  digest?: string;
}

/** The keys of a queue, in the order in which the scripts take them. */
export function keysOf(name: string): readonly string[] {
  // The braces make them stay together in a Redis cluster.
  const items = `weft:queue:{${name}}`;
  return [items, `${items}:back`, `${items}:leases`, `${items}:dead`];
}

/** The consumer group of both streams. */
export const group = "weft";

/** What the names of consumers begin with; consumers that are not ours are left alone. */
export const consumerPrefix = "weft-";

const common = `
local items, back, leases, dead = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group = '${group}'

local function pending(key)
  local summary = redis.pcall('XPENDING', key, group)
  return summary.err and 0 or summary[1]
end

local function ready()
  return redis.call('XLEN', items) + redis.call('XLEN', back) - pending(items) - pending(back)
end

local function give_back(key, id)
  local entry = redis.call('XRANGE', key, id, id)[1]
  if redis.call('XACK', key, group, id) == 0 or not entry then return end
  redis.call('XDEL', key, id)
  redis.call('XADD', back, '*', unpack(entry[2]))
end

local function remove(key, consumer)
  while true do
    local list = redis.pcall('XPENDING', key, group, '-', '+', 1000, consumer)
    if list.err then return end
    if #list == 0 then break end
    for _, entry in ipairs(list) do give_back(key, entry[1]) end
  end
  redis.call('XGROUP', 'DELCONSUMER', key, group, consumer)
end
`;

function script(source: string): RedisScript {
  return { source: common + source };
}

/**
 * Puts items: the most there can be, the key of who puts, how long to remember it, then number and body of each. Those
 * with numbers that were put before are not put again. Gives the number of items that are put.
 */
export const putScript = script(`
local last = tonumber(redis.call('GET', ARGV[2]) or '0')
local most = tonumber(ARGV[1])
local room = most > 0 and most - ready() or math.huge
local kept = 0
for i = 4, #ARGV, 2 do
  local number = tonumber(ARGV[i])
  if number > last then
    if room <= 0 then break end
    redis.call('XADD', items, '*', 'value', ARGV[i + 1])
    room = room - 1
    last = number
  end
  kept = kept + 1
end
redis.call('SET', ARGV[2], string.format('%d', last), 'PX', ARGV[3])
return kept
`);

/** Takes one item, for a consumer. */
export const takeScript = script(`
for _, key in ipairs({ back, items }) do
  local reply = redis.call('XREADGROUP', 'GROUP', group, ARGV[1], 'COUNT', 1, 'STREAMS', key, '>')
  if reply then return reply end
end
return false
`);

/** Removes an entry that is done: its key and number. */
export const doneScript = script(`
if redis.call('XACK', ARGV[1], group, ARGV[2]) == 1 then redis.call('XDEL', ARGV[1], ARGV[2]) end
return 0
`);

/** Gives entries back: key and number of each. */
export const backScript = script(`
for i = 1, #ARGV, 2 do give_back(ARGV[i], ARGV[i + 1]) end
return 0
`);

/** Moves an entry to those that cannot be read: its key and number, and the reason. */
export const deadScript = script(`
local entry = redis.call('XRANGE', ARGV[1], ARGV[2], ARGV[2])[1]
if redis.call('XACK', ARGV[1], group, ARGV[2]) == 0 or not entry then return 0 end
redis.call('XDEL', ARGV[1], ARGV[2])
redis.call('XADD', dead, 'MAXLEN', '~', 1000, '*', 'reason', ARGV[3], unpack(entry[2]))
return 0
`);

/** Counts the items that nobody has, and those that somebody has. */
export const countScript = script(`
return { ready(), pending(items) + pending(back) }
`);

/**
 * Prolongs the lease of a consumer: its name and the milliseconds. Gives back what others have whose lease is over,
 * unless the server has not been there for long enough to prolong it. Gives 1 if there was none that was not over.
 */
export const leaseScript = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local span = tonumber(ARGV[2])
for _, key in ipairs({ items, back }) do
  redis.pcall('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM')
end
local before = redis.call('ZSCORE', leases, ARGV[1])
local over = (before and tonumber(before) >= now) and 0 or 1
redis.call('ZADD', leases, now + span, ARGV[1])
local up = string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
if up and up * 1000 < span then return over end
for _, key in ipairs({ items, back }) do
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', key, group)) do
    local name = info[2]
    if string.sub(name, 1, ${consumerPrefix.length}) == '${consumerPrefix}' then
      local lease = redis.call('ZSCORE', leases, name)
      if not lease or tonumber(lease) < now then remove(key, name) end
    end
  end
end
redis.call('ZREMRANGEBYSCORE', leases, '-inf', '(' .. string.format('%d', now))
return over
`);

/** Gives back all that a consumer has, and removes it: its name. */
export const leaveScript = script(`
remove(items, ARGV[1])
remove(back, ARGV[1])
redis.call('ZREM', leases, ARGV[1])
return 0
`);
