#!/usr/bin/env bash
# Runs the official conformance suite of the Model Context Protocol against the endpoint of mcp2: what it asks of every server against
# Pulse as it is started, and all of it against a server that offers the tools of fixed names which the suite looks for, through the same
# edge and transport. Ends with 1 where a scenario fails that docs/mcp.md does not explain (test/support/mcp-conformance/expected-failures-*.yaml).
#
#   bash scripts/mcp-conformance.sh [embedded|real] [folder for the suite, which is installed there; default: a temporary one]
#
# embedded (default): `pulse up`; real: `pulse mcp2` on a Redis, Postgres and Kafka of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
node=$PWD/node_modules/.bin/node
engines=${1:-embedded}
suite=${2:-$(mktemp -d)}
[ -d "$suite/node_modules/@modelcontextprotocol/conformance" ] ||
  npm install --prefix "$suite" --no-audit --no-fund --silent @modelcontextprotocol/conformance@0.2.0-alpha.12
run=$suite/node_modules/@modelcontextprotocol/conformance/dist/index.js

# Both servers end when their input does, which this script holds open.
held=$(mktemp -u)
mkfifo "$held"
exec 3<>"$held"
exec 4< <(exec "$node" test/support/mcp-conformance/serve.ts <"$held" 3>&-)
servers=$!
exec 5< <(exec "$node" test/support/serve-mcp2.ts "$engines" open <"$held" 3>&- 4<&-)
servers="$servers $!"
trap 'exec 3>&-; wait $servers; rm -f "$held"' EXIT
read -r fixture <&4
read -r own _ <&5
own=$own/mcp
failed=0
for revision in 2025-11-25 2026-07-28; do
  for scenario in $(sed -n "s/^$revision //p" test/support/mcp-conformance/every-server.txt); do
    "$node" "$run" server --url "$own" --scenario "$scenario" --spec-version "$revision" >"$suite/last.txt" 2>&1 ||
      { failed=1; tail -20 "$suite/last.txt"; }
    echo "own $revision $scenario: $(sed -n 's/^Passed: //p' "$suite/last.txt" | tail -1)"
  done
  "$node" "$run" server --url "$fixture" --requirements "$revision" \
    --expected-failures "test/support/mcp-conformance/expected-failures-$revision.yaml" >"$suite/$revision.txt" 2>&1 || failed=1
  echo "fixture $revision:"
  sed -n '/=== SUMMARY/,$p' "$suite/$revision.txt"
done
exit $failed
