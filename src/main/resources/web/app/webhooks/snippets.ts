/**
 * Code that verifies a message by Standard Webhooks, to be copied as it stands: the bytes as they came, a timestamp that is at most
 * five minutes away, each of several signatures, compared in constant time, and a key that nobody guesses: one that is short or
 * empty is refused, since by an empty one everybody signs. `SnippetsTest` and `SnippetReceiversTest` run all of it. What stands
 * behind `Receiver` is an example of its use.
 */
export const LANGUAGES = ['node', 'java', 'php', 'bash', 'curl'] as const;
export type Language = (typeof LANGUAGES)[number];

const NODE = String.raw`import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const TOLERANCE_SECONDS = 300;
const KEY_BYTES = 24; // at least: by an empty key, everybody signs

function keyOf(secret = '') {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < KEY_BYTES) {
    throw new Error('WEBHOOK_SECRET is no secret: whsec_ and base64, 24 bytes or more');
  }
  return key;
}

// body: the bytes as they came, before anything parses them.
function verifies(headers, body, key, now = Date.now() / 1000) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !signatures || !/^\d+$/.test(timestamp ?? '')
      || Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) {
    return false;
  }
  const hmac = createHmac('sha256', key).update(id + '.' + timestamp + '.');
  const expected = hmac.update(body).digest();
  // Several while a secret is being replaced, parted by blanks.
  return signatures.split(' ').some((each) => {
    const [version, signature] = each.split(',');
    const given = Buffer.from(signature ?? '', 'base64');
    return version === 'v1' && given.length === expected.length
        && timingSafeEqual(given, expected);
  });
}

// Receiver
const MAX_BYTES = 1_000_000;
const KEY = keyOf(process.env.WEBHOOK_SECRET);

async function receive(request, response) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) { // what is beyond is read and forgotten
      chunks.push(chunk);
    }
  }
  if (bytes > MAX_BYTES) {
    response.writeHead(413).end();
    return;
  }
  const body = Buffer.concat(chunks);
  if (!verifies(request.headers, body, KEY)) {
    response.writeHead(401).end();
    return;
  }
  const event = JSON.parse(body);
  // Store the event unless its id is known, answer at once, and work afterwards.
  console.log(event.id, event.type);
  response.writeHead(204).end();
}

createServer((request, response) => {
  // Whoever ends a request half way ends that request alone.
  receive(request, response).catch((error) => {
    console.error(error.message);
    response.destroy();
  });
}).listen(Number(process.env.PORT ?? 8080));
`;

const JAVA = String.raw`import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class WebhookSignature {

    private static final long TOLERANCE_SECONDS = 300;
    private static final int KEY_BYTES = 24; // at least: by an empty key, everybody signs
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    public WebhookSignature(String secret) {
        byte[] bytes = Base64.getDecoder().decode(secret.replaceFirst("^whsec_", ""));
        if (bytes.length < KEY_BYTES) {
            throw new IllegalArgumentException("No secret: whsec_ and base64, 24 bytes or more");
        }
        key = new SecretKeySpec(bytes, ALGORITHM);
    }

    // id, timestamp, signatures: the headers webhook-id, webhook-timestamp and webhook-signature.
    // body: the bytes as they came, before anything parses them. now: Instant.now().
    public boolean verifies(String id, String timestamp, String signatures, byte[] body,
            Instant now) throws GeneralSecurityException {
        if (id == null || timestamp == null || signatures == null
                || !timestamp.matches("\\d{1,12}")
                || Math.abs(now.getEpochSecond() - Long.parseLong(timestamp)) > TOLERANCE_SECONDS) {
            return false;
        }
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(key);
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        String expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        // Several while a secret is being replaced, parted by blanks.
        for (String signature : signatures.split(" ")) {
            if (MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8),
                    signature.getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }
}
`;

const PHP = String.raw`<?php

declare(strict_types=1);

const TOLERANCE_SECONDS = 300;
const KEY_BYTES = 24; // at least: by an empty key, everybody signs

function key_of(string $secret): string
{
    $key = base64_decode(preg_replace('/^whsec_/', '', $secret), true);
    if ($key === false || strlen($key) < KEY_BYTES) {
        throw new InvalidArgumentException(
            'WEBHOOK_SECRET is no secret: whsec_ and base64, 24 bytes or more');
    }
    return $key;
}

// $headers: by names in small letters.
// $body: the bytes as they came, before anything parses them.
function verifies(array $headers, string $body, string $key, int $now): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if ($id === '' || !preg_match('/^\d{1,12}$/D', $timestamp)
        || abs($now - (int) $timestamp) > TOLERANCE_SECONDS) {
        return false;
    }
    $hmac = hash_hmac('sha256', "$id.$timestamp.$body", $key, true);
    $expected = 'v1,' . base64_encode($hmac);
    // Several while a secret is being replaced, parted by blanks.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $signature) {
        if (hash_equals($expected, $signature)) {
            return true;
        }
    }
    return false;
}

// Receiver
const MAX_BYTES = 1_000_000;
try {
    $key = key_of(getenv('WEBHOOK_SECRET') ?: '');
} catch (InvalidArgumentException $e) { // not shown: a trace has arguments
    error_log($e->getMessage());
    http_response_code(500);
    exit;
}
$body = file_get_contents('php://input', length: MAX_BYTES + 1);
if (strlen($body) > MAX_BYTES) {
    http_response_code(413);
    exit;
}
$headers = array_change_key_case(getallheaders());
if (!verifies($headers, $body, $key, time())) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
// Store the event unless its id is known, answer at once, and work afterwards.
http_response_code(204);
`;

const BASH = String.raw`#!/usr/bin/env bash
# Says whether a message that was received is genuine: ./verify.sh body.json
# The file holds the body, byte for byte; the headers stand in WEBHOOK_ID,
# WEBHOOK_TIMESTAMP and WEBHOOK_SIGNATURE, the secret in WEBHOOK_SECRET.
# For trying out and for scripts: who may list the processes of this machine
# can see the key while openssl runs.
set -euf -o pipefail

now=$(date +%s)
case $WEBHOOK_TIMESTAMP in '' | 0* | *[!0-9]*) WEBHOOK_TIMESTAMP=0 ;; esac
age=$((now - WEBHOOK_TIMESTAMP))
if [ "$age" -gt 300 ] || [ "$age" -lt -300 ]; then
  echo 'The timestamp is more than 5 minutes away.' >&2
  exit 1
fi

hmac() { # of what comes in, with the key in hex
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary | base64
}

key=$(printf %s "$WEBHOOK_SECRET" | sed 's/^whsec_//' | base64 -d \
  | od -An -v -tx1 | tr -d ' \n') || key=
if [ "$(printf %s "$key" | wc -c)" -lt 48 ]; then # by an empty key, everybody signs
  echo 'WEBHOOK_SECRET is no secret: whsec_ and base64, 24 bytes or more.' >&2
  exit 2
fi
head="$WEBHOOK_ID.$WEBHOOK_TIMESTAMP."
expected="v1,$({ printf %s "$head"; cat "$1"; } | hmac "$key")"

# Compared by what a random key makes of both: the time it takes tells nothing.
random=$(openssl rand -hex 32)
wanted=$(printf %s "$expected" | hmac "$random")
for signature in $WEBHOOK_SIGNATURE; do # several while a secret is being replaced
  if [ "$(printf %s "$signature" | hmac "$random")" = "$wanted" ]; then
    echo 'The signature is genuine.'
    exit 0
  fi
done
echo 'No signature fits: another secret, or a body that was changed on the way.' >&2
exit 1
`;

const CURL = String.raw`#!/usr/bin/env bash
# Sends a signed message to a receiver, as Latchkey does, to try whether it
# verifies: ./send.sh http://localhost:8080/
# The secret stands in WEBHOOK_SECRET. Who may list the processes of this
# machine can see the key while openssl runs.
set -euf -o pipefail

id="msg_$(openssl rand -hex 12)"
timestamp=$(date +%s)
body='{"id":"'$id'","type":"order.create","store":null,'
body=$body'"timestamp":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","data":{"id":"10245"}}'

key=$(printf %s "$WEBHOOK_SECRET" | sed 's/^whsec_//' | base64 -d \
  | od -An -v -tx1 | tr -d ' \n') || key=
if [ "$(printf %s "$key" | wc -c)" -lt 48 ]; then # by an empty key, everybody signs
  echo 'WEBHOOK_SECRET is no secret: whsec_ and base64, 24 bytes or more.' >&2
  exit 2
fi
signature=$(printf %s "$id.$timestamp.$body" \
  | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)

curl --silent --show-error --max-time 20 --output /dev/null \
  --write-out '%{http_code}\n' \
  -H 'Content-Type: application/json' -H "webhook-id: $id" \
  -H "webhook-timestamp: $timestamp" -H "webhook-signature: v1,$signature" \
  --data-binary "$body" "$1"
`;

export const SNIPPETS: Readonly<Record<Language, string>> = { node: NODE, java: JAVA, php: PHP, bash: BASH, curl: CURL };
