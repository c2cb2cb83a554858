#!/usr/bin/env bash
# Lists and calls every tool with the MCP Inspector's command line, over Streamable HTTP and over standard input and output, against an
# mcp2 that runs; prints `N of N`, and ends with 1 where a tool is missing, cannot be called or answers with an error.
#
#   bash scripts/mcp-inspector.sh [address [key]]        # default: http://127.0.0.1:8002, no key
#
# It stores a trade and a document, and takes the document away again. A tool that needs what this mcp2 does not have yet (bars, an analysis)
# may say so: that counts, and is told. The Inspector goes into INSPECTOR_HOME, by default a temporary folder.
set -euo pipefail
cd "$(dirname "$0")/.."
address=${1:-http://127.0.0.1:8002}
key=${2:-}
node=$PWD/node_modules/.bin/node
home=${INSPECTOR_HOME:-$(mktemp -d)}
[ -d "$home/node_modules/@modelcontextprotocol/inspector" ] ||
  npm install --prefix "$home" --no-audit --no-fund --silent --ignore-scripts @modelcontextprotocol/inspector@2.12.0
inspector=$home/node_modules/.bin/mcp-inspector
# It keeps a list of servers in the home directory; not in yours.
export HOME=$home

auth=()
[ -z "$key" ] || auth=(-H "X-API-Key: $key")
call() { curl -sS --fail-with-body "${auth[@]}" -H 'content-type: application/json' "$@"; }
field() { "$node" -p "JSON.parse(fs.readFileSync(0, 'utf8')).$1"; }

payload='{"strategy":"inspection","timestamp":"2026-03-02T14:05:00Z","market":{"symbol":"EURUSD","timeframe":"1m"},"features":{"indicators":{"rsi":63.2}},"risk":{"max_risk_per_trade":0.01},"positions":{"open":1,"total_risk":0.008}}'
document=$(call -d '{"content":"# Inspection\n\nWhat an inspector reads.","format":"markdown"}' "$address/documents" | field id)
trade=$(call -d "$payload" "$address/log_enriched_trade" | field id)
trap 'curl -sS "${auth[@]}" -X DELETE "$address/documents/$document"' EXIT

# Each tool and its arguments, one in each line.
calls="search	query=inspector
fetch	id=$document
search_docs	query=inspector limit=3
log_enriched_trade	payload=$payload
fetch_payload	id=$trade
recent_trades	limit=3
get_bars	symbol=EURUSD count=3
get_analysis	symbol=EURUSD
get_parity
get_stream_entries	stream=v2:ticks:l1 count=3
get_guidance	payload=$payload"

inspect_http() {
  local header=()
  [ -z "$key" ] || header=(--header "X-API-Key: $key")
  "$node" "$inspector" --cli "$address/mcp" "${header[@]}" "$@" </dev/null
}
inspect_stdio() {
  local env=(-e "MCP2_URL=$address")
  [ -z "$key" ] || env+=(-e "MCP2_CLIENT_KEY=$key")
  "$node" "$inspector" --cli "$node" "$PWD/src/app/main.ts" mcp "${env[@]}" "$@" </dev/null
}

failed=0
said=$home/said.json
for way in http stdio; do
  done=0
  wanted=$(cut -f1 <<<"$calls" | sort)
  "inspect_$way" --method tools/list >"$said" 2>"$home/trouble.txt" || cat "$home/trouble.txt"
  listed=$("$node" -p "JSON.parse(fs.readFileSync('$said', 'utf8')).tools.map((t) => t.name).sort().join('\n')")
  if [ "$listed" != "$wanted" ]; then
    echo "$way: the tools listed are not those called:"
    diff <(echo "$listed") <(echo "$wanted") || true
    failed=1
  fi
  while IFS=$'\t' read -r tool arguments; do
    args=()
    case $arguments in
      '') ;;
      payload=*) args=(--tool-arg "$arguments") ;;
      *) read -ra pairs <<<"$arguments" && args=(--tool-arg "${pairs[@]}") ;;
    esac
    "inspect_$way" --method tools/call --tool-name "$tool" "${args[@]}" >"$said" 2>"$home/trouble.txt" || true
    answer=$("$node" -e "
      const text = fs.readFileSync('$said', 'utf8');
      const result = text === '' ? {} : JSON.parse(text);
      const error = result._meta?.['pulse/error'];
      if (result.structuredContent !== undefined && !result.isError) console.log('answered');
      else if (/^(symbol\.unknown|analysis\.none)$/.test(error?.code ?? '')) console.log('has nothing yet: ' + result.content[0].text);
      else console.log('FAILED ' + (result.content?.[0]?.text ?? fs.readFileSync('$home/trouble.txt', 'utf8')));")
    echo "$way $tool: $answer"
    case $answer in FAILED*) failed=1 ;; *) done=$((done + 1)) ;; esac
  done <<<"$calls"
  echo "$way: $done of $(wc -l <<<"$calls") tools listed and called"
done
exit $failed
