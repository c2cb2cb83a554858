#!/bin/sh
# Generates requests from the API description of mcp2, good and bad, and checks each answer against it: no 500, no status that is not
# documented, bodies that fit their schema. Without an address it serves the API over parts in memory.
#   scripts/schemathesis.sh [address key] [further options of schemathesis]
# NUL characters, which every route refuses and JSON Schema cannot say of fields that it does not name, are left out.
# Needs Python 3 with venv; the tool goes into a folder of its own.
set -eu
cd "$(dirname "$0")/.."
tool=${SCHEMATHESIS_HOME:-${TMPDIR:-/tmp}/schemathesis-venv}
if [ ! -x "$tool/bin/schemathesis" ]; then
  python3 -m venv "$tool"
  "$tool/bin/pip" --quiet install 'schemathesis==4.32.5'
fi
address=
case ${1:-} in http*)
  address=$1 key=$2
  shift 2
  ;;
esac
if [ -z "$address" ]; then
  said=$(mktemp)
  node test/support/serve-edge.ts >"$said" &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" || true; cat "$said"; rm -f "$said"' EXIT
  while [ ! -s "$said" ]; do
    kill -0 "$server"
    sleep 0.2
  done
  read -r address key <"$said"
fi
# It leaves a folder of what it found where it runs.
cd "$tool"
"$tool/bin/schemathesis" run "$address/openapi.json" --checks all --header "X-API-Key: $key" \
  --generation-allow-x00 false \
  --max-examples "${SCHEMATHESIS_EXAMPLES:-50}" --seed "${SCHEMATHESIS_SEED:-1}" --no-color "$@"
