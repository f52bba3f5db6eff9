# For a shell, to set a recipe up: asks Latchkey as the person whose token is in a file.
#   LATCHKEY=http://localhost:8080 TOKEN_FILE=.latchkey/admin.token; . docs/recipes/api.sh

# The token in no list of processes: api keys -d '{…}'
api() {
  curl -sS --max-time 30 "$LATCHKEY/api/v1/$1" -H @<(printf 'Authorization: Bearer %s\n' "$(cat "$TOKEN_FILE")") \
    -H 'Content-Type: application/json' "${@:2}"
  echo
}

# The same with an API key instead, to see what it may do: with_key ~/erp.key GET keys
with_key() {
  curl -sS --max-time 30 -X "$2" "$LATCHKEY/api/v1/$3" -H @<(printf 'X-API-Key: %s\n' "$(cat "$1")") \
    -H 'Content-Type: application/json' "${@:4}"
  echo
}

# A text of an answer, of the object itself and not of what lies in it: field id <<<"$answer"
field() {
  sed ':inner; s/\(.\){[^{}]*}/\1/; t inner' | grep -o "\"$1\":\"[^\"]*\"" | cut -d '"' -f 4
}
