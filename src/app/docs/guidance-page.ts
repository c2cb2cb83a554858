import { factNames, factSpecs } from '../../domain/guidance/fact.ts';
import type { Condition } from '../../domain/guidance/nudges/condition.ts';
import { nudgeHashes } from '../../domain/guidance/nudges/nudge-hashes.ts';
import { nudges } from '../../domain/guidance/nudges/nudges.ts';
import { payloadFields } from '../../domain/guidance/payload-fields.ts';
import { rulesVersion } from '../../domain/guidance/rules.ts';
import { sizeUnits } from '../../domain/guidance/size-unit.ts';
import { thresholds } from '../../domain/guidance/thresholds.ts';
import { code, generated, markdownTable } from './markdown.ts';

const HEAD = `${generated}

# Guidance

Use this page to get comments on a trade, and to see where each number and each verdict in them comes from.

\`POST /llm/whisperer\`, \`/llm/simple\` and \`/llm/{model}/analyze\` comment on a trade in four texts: \`signal\`, \`risk\`, \`action\`,
\`journal\`. Pulse first computes **facts** from the payload, from the newest analysis and bar of its symbol, and from earlier stored payloads of the
same strategy. Then a model, or the rules, say what the facts mean. Whisperer adds the **nudges** that fired; \`meta.nudges\` says which, and why.

- **Every number in an answer is a fact.** If something is not known, the answer says so. If an engine is away, its facts are unknown, and it is
  counted in \`pulse_mcp2_guidance_inputs_missing_total\`.
- **Nudges change no number.** They are texts without digits, added to a finished answer. Whisperer and simple use the same prompt;
  within \`GUIDANCE_REUSE_SECONDS\` the answer of a model to the same prompt is reused (\`meta.reused\`). Where \`whisperer\` and \`simple\` name
  different models in the registry, the models may choose different facts to tell.
- **The rules answer** (\`provider: "rules"\`, \`stub: true\`) if no model is configured, if the request names the model \`rules\`, and if no model of
  the chain gave a usable answer; \`meta.fallbacks\` says why not. Whisperer and simple ask the model of their name, or the first one of
  the registry if there is none.

## The rules (version ${rulesVersion})

Each finding blocks the trade, leaves it unknown, speaks against it, speaks for it, or only informs. The first line that applies gives the verdict:

1. a finding blocks the trade: **stand aside**;
2. a finding leaves it unknown: **wait**, and the action names what would make it known;
3. nothing speaks against it and something speaks for it: **proceed**;
4. more speaks for it than against it: **proceed with care**;
5. otherwise: **wait**.

- A trade is **blocked** by a limit that is exceeded (risk, positions, exposure); by a drawdown that is used up, or that a loss of this trade would
  exceed together with today's losses; by a stop that is missing, on the wrong side or passed by the price; by a closed market; and by
  ${thresholds.streak} losses in a row of which the last is less than ${thresholds.coolDownMinutes} minutes old.
- It is **unknown** whether a trade may be taken if the payload holds no trade; if its risk is not known, or is stated and computed
  differently; if no limit for one trade is set; if a limit is ${thresholds.questionedLimit} % of the equity or more, which limits nothing; if a limit for the day is set
  and today's loss is not given; and if there is no bar of the symbol, or none from the ${thresholds.marketStaleMinutes} minutes before the payload.
- A limit of ${thresholds.largeLimit} % or more speaks against a trade: perhaps the payload gives a percentage in place of a share.

The rules answer a question in English that names a fact; for other questions they say that they do not answer them. The same facts and questions give the same answer, byte for byte.
`;

const RISK = `
## Risk in money

The risk of a trade is what is lost if the stop is hit at its price, as a share of the equity:

\`\`\`
|entry − stop| × size in units of the base = risk in the quote currency
risk in the quote currency × rate          = risk in the currency of the account
risk in the currency of the account / equity = risk of the trade
\`\`\`

- **Size in units** is \`trade.size\` times what its unit stands for. The contract size is that of the instrument
  ([instruments](instruments.md)): 100,000 for currency pairs, 100 ounces for gold, 1 for coins, unless \`PULSE_INSTRUMENTS\` says otherwise. Indices and
  shares have no built-in rule: set their \`quote\` and \`contractSize\` there. If the contract size is 1, the unit may be left out.
- **The currency of the account** is \`account.currency\`, or else \`ACCOUNT_CURRENCY\`. If the payload gives an unknown code, the setting does not replace it.
- **The rate** from the quote currency to that of the account comes from the tape: from a symbol of both currencies, else from the inverted symbol, else from two symbols across a
  third currency (the dollar first). It is the close of the last minute that ended before the payload's time. Pulse refuses a rate that is more than
  ${thresholds.rateStaleMinutes} minutes older than the payload (stale), and one from after the trade. Payloads older than two days have no rate. The answer names
  the symbols and the time. A stablecoin is not the dollar: if the account is in another currency than the quote, the tape must have a symbol of the two.
- **What is missing** makes the risk unknown, and the answer names it: entry, stop, side, size, its unit, contract size, quote currency, equity,
  currency, rate. A price at or below zero counts as missing, unless it is legal for the symbol.
- **A risk that the payload states** (\`risk.risk_per_trade\`) counts if the risk cannot be computed: the answer says that it is the stated one, and it speaks against the trade
  as unchecked. If both are known and differ by more than ${thresholds.risksApart} %, the larger counts, and the contradiction must be settled first.
- The calculation leaves out spread, slippage, gaps, fees, swap, what the rate does until the stop is hit, and contracts whose value is not linear in the price.

For example, 0.2 lots of GBPJPY at 184.10 with the stop at 183.308, an equity of 20,000 EUR, USDJPY at 144 and EURUSD at 1.1: 0.792 × 20,000 = 15,840 JPY;
/ 144 = 110 USD; / 1.1 = 100 EUR; / 20,000 = 0.5 %.

One of \`trade.size\` stands for:
`;

const STORED = `
## Stored calls

Each call is a row of \`guidance_calls\`: caller, endpoint, model, SHA-256 of the prompt, inputs (payload, facts, notes, questions), answer, tokens,
cost and latency. It is kept for \`GUIDANCE_RETENTION_DAYS\`. While the database is away, Pulse still answers:
\`pulse_mcp2_guidance_unstored_total\` and the event \`guidance.unstored\` count those that cannot be replayed.
\`model_spending\` holds what each model cost by UTC day.

- \`pulse llm replay <meta.id>\` makes the answer again from the stored inputs. An answer of the rules is the same, unless their version or a nudge is newer;
  for a model, both answers are shown.
- \`pulse llm compare payloads.ndjson\` asks once for each payload, and prints what nudges add: which fired, words, numbers changed (0).

## Security

Payload text, notes, questions, and documents that a client puts into them, are untrusted.

- The rules read only numbers, yes and no, and words of closed lists: no text of a payload reaches an answer.
- A model is given no tools. Untrusted text stands as JSON between delimiters with 128 bits of a hash over all of it, so that it cannot hold its
  own; angle brackets and characters that cannot be seen are escaped; text beyond 24,000 characters is cut off, and said to be.
- The answer of a model is refused, and the next of the chain asked, where: it is not the four texts, of at most 4,000 characters each; a number
  is not among the facts; it names none of them; it has numbers above ten in words, or digits of another script; it repeats 40 letters in a row of the instructions,
  whatever stands between them, or 8 of the delimiter; it has a link, markup, code, characters that cannot be seen, or a word of more than 40 characters.
- A number counts as a fact where it is equal to one, or is one rounded to the digits written, of which two must count: 63 stands for 63.18, 1 does
  not for 1.4. \`%\` stands only for facts in percent; without it a fact in percent may be written as a share, too. Signs are left aside. The timeframe and a
  symbol such as \`US500\` are names, not numbers.
- Where the rules forbid the trade, or cannot tell whether it may be taken, \`action\` is theirs and not the model's; an answer whose other parts
  let it be taken (such as "proceed", "take the trade", "within its limits", unless denied) is refused.
- What this cannot see: instructions told in other words or another language, a true number said of the wrong thing, and bad advice without
  numbers. Treat the texts of models as text: never as HTML, never as an order.
`;

/** docs/guidance.md */
export function guidancePage(): string {
  const facts = factNames.map((name) => [code(name), factSpecs[name].unit, factSpecs[name].about]);
  const fields = Object.entries(payloadFields).map(([name, places]) => [code(name), places.map(code).join(', ')]);
  const sizes = Object.entries(sizeUnits).map(([name, { of, factor, words }]) => [
    code(name),
    of === 'base' ? String(factor) : factor === 1 ? 'the contract size' : `${factor} × the contract size`,
    words
      .filter((word) => word !== name)
      .map(code)
      .join(', '),
  ]);
  const released = nudges.map(({ name, version, condition, to, text }) => [
    `${code(`${name}@${version}`)}`,
    code(inWords(condition)),
    `${to}: ${text}`,
    code(nudgeHashes[`${name}@${version}`]!),
  ]);
  return [
    HEAD,
    markdownTable(
      ['threshold', 'value'],
      Object.entries(thresholds).map(([name, value]) => [code(name), String(value)]),
    ),
    `
## What is read of a payload

\`market\`, \`risk\`, \`positions\` and \`timestamp\` of StrategyPayloadV1 ([JSON Schema](schemas/strategy-payload.json)); \`market.session\` where it names a known session; of \`features.indicators\`
the names \`rsi\`, \`atr\`, \`adx\`, \`ema_<period>\`, \`sma_<period>\`, \`macd\`, \`macd_signal\` and \`macd_histogram\` (also \`RSI14\`, \`ema-21\`). Beyond
that these fields, the first place that holds a value of the right type: numbers are JSON numbers, or text that is a number and nothing else (risks and drawdown are shares, 0.01 = 1 %),
\`side\` is long, buy, short or sell, \`result\` is win, loss or break-even, \`stop_moved_away\` is true or false. A trade whose \`pnl\` is below 0,
or whose \`result\` is loss, is a loss; one that has neither counts as a trade only.
Of the newest 200 stored payloads those of the same strategy with an earlier time are its history.
`,
    markdownTable(['value', 'places'], fields),
    RISK,
    markdownTable(['unit', 'units of the base', 'also written'], sizes),
    '\n## Facts\n',
    markdownTable(['fact', 'unit', 'about'], facts),
    `
## Nudges

Immutable: \`SHA-256\` over the nudge as JSON with sorted keys. A change is a new version. A comparison with a fact that is missing fires nothing.
`,
    markdownTable(['nudge', 'fires when', 'adds to', 'SHA-256'], released),
    STORED,
  ].join('\n');
}

function inWords(condition: Condition): string {
  const joined = (parts: readonly Condition[], word: string): string =>
    parts.map((part) => ('all' in part || 'any' in part ? `(${inWords(part)})` : inWords(part))).join(` ${word} `);
  if ('all' in condition) return joined(condition.all, 'and');
  if ('any' in condition) return joined(condition.any, 'or');
  if ('not' in condition) return `not (${inWords(condition.not)})`;
  const { fact, is } = condition;
  return 'value' in condition
    ? `${fact} ${is} ${condition.value}`
    : `${fact} ${is} ${condition.times} × ${condition.of}`;
}
