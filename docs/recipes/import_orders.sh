#!/usr/bin/env bash
# Sends the orders of a directory, one JSON file each, through the gateway: import_orders.sh outbox
#
# An order that was taken goes to outbox/done, one that the shop refuses to outbox/refused with the reason beside it; others
# stay for the next run. The file's name is the order's Idempotency-Key, so that one whose answer was lost is not made twice.
# From the environment: GATEWAY, its address; KEY_FILE, a file with the API key and nothing else; PATIENCE, how many seconds
# the retries of one order may take (default 60).
# Needs bash 4.1, curl and flock.
# Exit code: 0 all were taken; 1 some were refused; 2 stopped: Latchkey refuses the key, or what answers is no such shop; 75 try
# later.
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
send() { # order's file, its Idempotency-Key → status, type of the answer
  curl -sS -o "$answer" -w '%{http_code} %{content_type}' --connect-timeout 5 --max-time 30 \
    --retry 8 --retry-connrefused --retry-max-time "${PATIENCE:-60}" \
    -H @<(printf 'X-API-Key: %s\n' "$key") -H "Idempotency-Key: $2" -H 'Content-Type: application/json' \
    --data-binary "@$1" "$GATEWAY/api/v1/orders" || true
}

# A redirect, a page of the gateway's own or a wrong address says nothing of the order: the shop alone refuses one.
is_of_the_order() { # status, type of the answer
  case $1 in
    400 | 409 | 413 | 415 | 422) true ;;
    403) [[ $2 == application/*json* ]] ;;
    *) false ;;
  esac
}

refuse() { # order's file, its name, why; the reason stands in $answer
  mv "$1" "$outbox/refused/"
  cp "$answer" "$outbox/refused/$2.reason"
  printf 'refused: %q: %s: %s\n' "$2" "$3" "$(head -c 200 "$answer")" >&2
  refused=$((refused + 1))
}

taken=0 refused=0
for order in "$outbox"/*.json; do
  [ -f "$order" ] || continue
  name=${order##*/}
  name=${name%.json}
  : >"$answer"
  if [[ $name == *[[:cntrl:]]* ]]; then # it would be a header of its own
    echo 'a name with a line break or another control character is no Idempotency-Key' >"$answer"
    refuse "$order" "$name" 'its name'
    continue
  fi
  read -r status type <<<"$(send "$order" "$name")"
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
      if ! is_of_the_order "$status" "$type"; then
        echo "stopped: $name: $status is no answer of a shop to an order: is GATEWAY its address?" >&2
        exit 2
      fi
      refuse "$order" "$name" "$status"
      ;;
  esac
done
echo "$taken taken, $refused refused"
[ "$refused" -eq 0 ]
