-- What wrk sends: one request for each token of a file, in an order that is drawn. Its settings are environment variables.
-- Requests are put together from two halves, since a million of them would not fit into LuaJIT's memory.

local template = assert(os.getenv("BENCH_REQUEST"))           -- raw, with {token} and {length}
local body = tonumber(os.getenv("BENCH_BODY_LENGTH"))         -- without the token
local tokenInBody = os.getenv("BENCH_TOKEN_IN_BODY") == "true"
local order = os.getenv("BENCH_ORDER") or "each"              -- each: one after the other; zipf: rank r by 1 / r ^ exponent
local exponent = tonumber(os.getenv("BENCH_EXPONENT") or "1")
local pause = tonumber(os.getenv("BENCH_PAUSE") or "0")       -- ms between an answer and the next request, on average

local tokens = {}
local weights = {}
local halves = {}
local position = 0

function init()
  math.randomseed(os.time())
  for line in io.lines(assert(os.getenv("BENCH_TOKENS"))) do
    tokens[#tokens + 1] = line
  end
  if order == "zipf" then
    local sum = 0
    for rank = 1, #tokens do
      sum = sum + 1 / rank ^ exponent
      weights[rank] = sum
    end
  end
end

-- The smallest rank whose summed weight reaches the drawn one.
local function drawn()
  local at = math.random() * weights[#weights]
  local low, high = 1, #weights
  while low < high do
    local middle = math.floor((low + high) / 2)
    if weights[middle] < at then low = middle + 1 else high = middle end
  end
  return low
end

local function halvesFor(length)
  local filled = template:gsub("{length}", tostring(body + (tokenInBody and length or 0)))
  local from, to = filled:find("{token}", 1, true)
  if not from then
    return { filled, nil }
  end
  return { filled:sub(1, from - 1), filled:sub(to + 1) }
end

function request()
  if order == "zipf" then
    position = drawn()
  else
    position = position % #tokens + 1
  end
  local token = tokens[position]
  local half = halves[#token]
  if not half then
    half = halvesFor(#token)
    halves[#token] = half
  end
  return half[2] and half[1] .. token .. half[2] or half[1]
end

-- Only where it is wanted: wrk asks for it before each request otherwise. An exponential pause makes arrivals random.
if pause > 0 then
  function delay()
    return math.floor(-pause * math.log(1 - math.random()) + 0.5)
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99),
      latency.max))
end
