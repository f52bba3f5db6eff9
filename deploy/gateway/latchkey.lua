-- Has Latchkey judge a request before HAProxy sends it on. Loaded by haproxy.cfg, which says what it is told; HAProxy 2.6 or later.

-- Where the section `listen latchkey` of haproxy.cfg listens: it knows the replicas, checks them, and keeps connections.
local LATCHKEY = os.getenv("LATCHKEY_SOCKET") or "abns@latchkey"
local TIMEOUT_MS = 5000

-- What is asked, and nothing of the client but the key. The variables are set by haproxy.cfg.
local TOLD = {
  ["x-forwarded-method"] = "req.latchkey_method",
  ["x-forwarded-uri"] = "req.latchkey_uri",
  ["x-forwarded-for"] = "req.latchkey_client",
  ["x-store"] = "req.latchkey_store",
  ["x-auth-organization-required"] = "req.latchkey_organization",
}
local KEY = { "x-api-key", "x-api-secret", "authorization" }

-- What the backend is told of a verdict, and what the client is told with the backend's answer.
local WHO = { "x-auth-key-id", "x-auth-organization", "x-auth-scopes", "x-auth-stores" }
local LIMIT = { "ratelimit", "ratelimit-policy" }
-- What of a refusal reaches the client.
local REFUSAL = { "content-type", "cache-control", "x-request-id", "www-authenticate", "retry-after", "ratelimit",
  "ratelimit-policy" }

local function values(headers, name)
  local found = {}
  local all = headers and headers[name]
  if all then
    for index = 0, #all do
      found[#found + 1] = all[index]
    end
  end
  return found
end

local function question(txn)
  local asked = {}
  for name, variable in pairs(TOLD) do
    local value = txn:get_var(variable)
    if value ~= nil and value ~= "" then
      asked[name] = { tostring(value) }
    end
  end
  local headers = txn.http:req_get_headers()
  for _, name in ipairs(KEY) do
    local all = values(headers, name)
    if #all > 0 then
      asked[name] = all
    end
  end
  return asked
end

local function refuse(txn, status, headers, body)
  local reply = txn:reply()
  reply:set_status(status)
  for _, header in ipairs(headers) do
    reply:add_header(header[1], header[2])
  end
  reply:set_body(body)
  txn:done(reply)
end

-- Nobody judged, so nobody passes.
local function refuse_unjudged(txn)
  local id = txn:get_var("txn.latchkey_request_id") or ""
  refuse(txn, 503, {
    { "content-type", "application/problem+json" }, { "cache-control", "no-store" }, { "x-request-id", id },
    { "retry-after", "2" },
  }, '{"type":"urn:latchkey:problem:unavailable","title":"Temporarily unavailable","status":503,"detail":"The key cannot be '
    .. 'judged at the moment; the request can be repeated.","code":"unavailable","requestId":"' .. id .. '"}')
end

core.register_action("latchkey", { "http-req" }, function(txn)
  local client = core.httpclient()
  local answer = client:get { url = "http://latchkey/api/v1/auth", headers = question(txn), dst = LATCHKEY,
    timeout = TIMEOUT_MS }
  -- Only Latchkey says 204: a page that something else answers lets nobody pass.
  if answer ~= nil and answer.status == 204 then
    for _, name in ipairs(WHO) do
      txn.http:req_set_header(name, values(answer.headers, name)[1] or "")
    end
    for _, name in ipairs(LIMIT) do
      txn:set_var("txn.latchkey_" .. name:gsub("-", "_"), values(answer.headers, name)[1] or "")
    end
    -- Without this haproxy.cfg refuses, so it comes last: nothing that fails before lets anybody pass.
    txn:set_var("txn.latchkey_passes", "yes")
    return
  end
  if answer == nil or answer.status == nil or answer.status < 400 or answer.status >= 500 then
    return refuse_unjudged(txn)
  end
  local headers = {}
  for _, name in ipairs(REFUSAL) do
    for _, value in ipairs(values(answer.headers, name)) do
      headers[#headers + 1] = { name, value }
    end
  end
  refuse(txn, answer.status, headers, answer.body or "")
end)
