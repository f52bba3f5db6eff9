#!/usr/bin/env bash
# Sends the orders of a directory, one JSON file each, through the gateway: import_orders.sh outbox
#
# An order that was taken goes to outbox/done, one that the shop refuses to outbox/refused with the reason beside it; others
# stay for the next run. The file's name is the order's Idempotency-Key, so that one whose answer was lost is not made twice.
# From the environment: GATEWAY, its address; KEY_FILE, a file with the API key and nothing else; PATIENCE, how many seconds
# the retries of one order may take (default 60).
# Exit code: 0 all were taken; 1 the shop refused some; 2 Latchkey refuses the key; 75 try later.
set -euo pipefail

: "${GATEWAY:?is not set}" "${KEY_FILE:?is not set}"
outbox=${1:?which directory?}
key=$(cat "$KEY_FILE")
mkdir -p "$outbox/done" "$outbox/refused"
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

exec {lock}>"$outbox/.lock"
flock -n "$lock" || { echo "another import of $outbox is running" >&2; exit 75; }

# The key comes from a file descriptor: a list of processes shows arguments. curl waits as Retry-After says.
send() { # order's file, its Idempotency-Key → status
  curl -sS -o "$answer" -w '%{http_code}' --connect-timeout 5 --max-time 30 \
    --retry 8 --retry-connrefused --retry-max-time "${PATIENCE:-60}" \
    -H @<(printf 'X-API-Key: %s\n' "$key") -H "Idempotency-Key: $2" -H 'Content-Type: application/json' \
    --data-binary "@$1" "$GATEWAY/api/v1/orders" || true
}

taken=0 refused=0
for order in "$outbox"/*.json; do
  [ -f "$order" ] || continue
  name=$(basename "$order" .json)
  : >"$answer"
  status=$(send "$order" "$name")
  case $status in
    2??)
      mv "$order" "$outbox/done/"
      taken=$((taken + 1))
      ;;
    000 | 408 | 429 | 5??)
      echo "not now: $name: $status; $taken taken, the rest stays" >&2
      exit 75
      ;;
    *)
      if grep -q 'urn:latchkey:problem:' "$answer"; then
        echo "stopped: Latchkey answered $status: $(grep -o '"detail":"[^"]*"' "$answer" | cut -d '"' -f 4)" >&2
        exit 2
      fi
      mv "$order" "$outbox/refused/"
      cp "$answer" "$outbox/refused/$name.reason"
      echo "refused: $name: $status: $(head -c 200 "$answer")" >&2
      refused=$((refused + 1))
      ;;
  esac
done
echo "$taken taken, $refused refused"
[ "$refused" -eq 0 ]
