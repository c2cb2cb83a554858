#!/bin/sh
# Generates requests from the API description of mcp2, good and bad, and checks each answer against it: no 500, no status that is not
# documented, bodies that fit their schema. Starts what it asks, with something of everything in it, and ends it again:
#   scripts/schemathesis.sh [embedded] [options of schemathesis]   pulse up, on embedded engines
#   scripts/schemathesis.sh real [options]             pulse mcp2 and pulse enrichment, on a Redis, Postgres and Kafka of their own
#   scripts/schemathesis.sh parts [options]            the edge alone, over parts in memory
#   scripts/schemathesis.sh <address> <key> [options]  a server that runs; it gains trades, and gains and loses documents
# NUL characters, which every route refuses and JSON Schema cannot say of fields that it does not name, are left out.
# Needs Python 3 with venv; the tool goes into a folder of its own.
set -eu
cd "$(dirname "$0")/.."
tool=${SCHEMATHESIS_HOME:-${TMPDIR:-/tmp}/schemathesis-venv}
if [ ! -x "$tool/bin/schemathesis" ]; then
  python3 -m venv "$tool"
  "$tool/bin/pip" --quiet install 'schemathesis==4.32.5'
fi

server='test/support/serve-mcp2.ts embedded'
case ${1:-} in
  http*)
    server= address=$1 key=$2
    shift 2
    ;;
  embedded) shift ;;
  real)
    server='test/support/serve-mcp2.ts real'
    shift
    ;;
  parts)
    server=test/support/serve-edge.ts
    shift
    ;;
esac
if [ -n "$server" ]; then
  folder=$(mktemp -d)
  said=$folder/said
  : >"$said"
  mkfifo "$folder/input"
  # shellcheck disable=SC2086 # words
  "$PWD/node_modules/.bin/node" $server <"$folder/input" >"$said" &
  pid=$!
  # The server ends when its input does, however this script ends.
  exec 3>"$folder/input"
  # What the server printed last are its faults: they fail the run too.
  end() {
    result=$?
    exec 3>&-
    wait "$pid" || result=1
    cat "$said"
    rm -rf "$folder"
    exit "$result"
  }
  trap end EXIT
  while ! read -r address key <"$said"; do
    kill -0 "$pid"
    sleep 0.2
  done
fi
# It leaves a folder of what it found where it runs.
cd "$tool"
"$tool/bin/schemathesis" run "$address/openapi.json" --checks all --header "X-API-Key: $key" \
  --generation-allow-x00 false \
  --max-examples "${SCHEMATHESIS_EXAMPLES:-50}" --seed "${SCHEMATHESIS_SEED:-1}" --no-color "$@"
