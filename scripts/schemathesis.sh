#!/bin/sh
# Generates requests from the API description of mcp2, good and bad, and checks each answer against it: no 500, no status that is not
# documented, bodies that fit their schema. Without an address it serves the API over parts in memory.
#   scripts/schemathesis.sh [address] [further options of schemathesis]
# Needs Python 3 with venv; the tool goes into a folder of its own.
set -eu
cd "$(dirname "$0")/.."
tool=${SCHEMATHESIS_HOME:-${TMPDIR:-/tmp}/schemathesis-venv}
if [ ! -x "$tool/bin/schemathesis" ]; then
  python3 -m venv "$tool"
  "$tool/bin/pip" --quiet install 'schemathesis==4.32.5'
fi
address=${1:-}
[ $# -eq 0 ] || shift
if [ -z "$address" ]; then
  said=$(mktemp)
  node test/support/serve-edge.ts >"$said" &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" || true; cat "$said"; rm -f "$said"' EXIT
  while [ ! -s "$said" ]; do
    kill -0 "$server"
    sleep 0.2
  done
  address=$(head -1 "$said")
fi
"$tool/bin/schemathesis" run "$address/openapi.json" --checks all --exclude-checks ignored_auth \
  --max-examples "${SCHEMATHESIS_EXAMPLES:-50}" --seed "${SCHEMATHESIS_SEED:-1}" --no-color "$@"
