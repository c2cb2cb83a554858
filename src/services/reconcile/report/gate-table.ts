import type { Gate, GateState, SymbolGate } from '../../../domain/parity/gate.ts';
import { table } from '../../../text/table.ts';
import { painter } from './paint.ts';
import type { TextOptions } from './table.ts';
import { percentText, toleranceText } from './words.ts';

const verdicts: Readonly<Record<GateState, string>> = {
  passed: 'The gate has passed. `pulse promote` switches readers of bars to Kafka.',
  'below threshold':
    'The gate has not passed: parity is below the threshold. `pulse reconcile --symbol … --session …` shows why.',
  'too few sessions':
    'The gate has not passed yet: there are too few sessions in a row. `pulse reconcile --watch` adds each one as it ends.',
  'too little evidence':
    'The gate has not passed yet: what there is agrees, and is too little to conclude from (GATE_MIN_SESSION_BARS, GATE_MIN_RUN_BARS, GATE_PROVEN). `pulse reconcile --watch` adds each session as it ends.',
  'side missing': 'The gate has not passed: a side has no bars. See that the mirror and both `pulse bars` run.',
};

/** Where the gate stands, for a terminal. */
export function gateTable({ state, symbols }: Gate, { colour }: Pick<TextOptions, 'colour'>): string {
  const paint = painter(colour);
  const verdict =
    symbols.length === 0
      ? 'No session has been reconciled yet: `pulse reconcile`, or wait for one to end.'
      : verdicts[state];
  const warnings = gateWarnings(symbols).map((line) => paint.warn(`⚠ ${line}`));
  const lines = symbols.length === 0 ? [] : [...symbolLines(symbols, colour), ...warnings, ''];
  return `${[...lines, state === 'passed' ? paint.good(verdict) : paint.warn(verdict)].join('\n')}\n`;
}

/** What speaks against trusting a run, a line each. */
export const gateWarnings = (symbols: readonly SymbolGate[]): string[] =>
  symbols.flatMap(({ symbol, warnings }) => warnings.map((text) => `${symbol} ${text}`));

/** What a symbol's part of a promotion rests on, in a sentence. */
export const evidenceText = ({ symbol, run, since, through, expected, lowerBound, tolerance }: SymbolGate): string =>
  `${symbol}: ${run} sessions${since === null ? '' : ` (${since} to ${through})`}, ${expected.toLocaleString('en')} bars, at least ${percentText(lowerBound)}, ${toleranceText(tolerance)}`;

/** What the made-up sessions would come to, set apart from the gate. */
export function demoTable({ symbols }: Gate, { colour }: Pick<TextOptions, 'colour'>): string {
  const heading = 'Demo: what the made-up sessions come to. They show how the gate works, and never count.';
  return `\n${[painter(colour).bold(heading), ...symbolLines(symbols, false)].join('\n')}\n\n`;
}

/** A line for each symbol, under a heading. */
function symbolLines(symbols: readonly SymbolGate[], colour: boolean): string[] {
  const paint = painter(colour);
  const rows = symbols.map((s) => [
    s.symbol,
    s.state,
    `${s.run} of ${s.needed}`,
    s.since === null ? '–' : s.since === s.through ? s.since : `${s.since} to ${s.through}`,
    percentText(s.parity),
    percentText(s.lowerBound),
    broken(s),
  ]);
  const heads = ['symbol', 'gate', 'sessions', 'from', 'parity', 'at least', 'what is missing'];
  const lines = table(heads, rows).trimEnd().split('\n');
  return lines.map((line, i) => {
    const symbol = symbols[i - 1];
    if (symbol === undefined) return paint.bold(line);
    return symbol.state === 'passed' ? paint.good(line) : line;
  });
}

function broken({ broken: by, absent, state, moreBars, proven }: SymbolGate): string {
  const session = by === null ? [] : [`${by.session}: ${by.why}`];
  const bars = `${moreBars.toLocaleString('en')} more bars must agree${proven ? ', and none differ' : ''}`;
  const more = state === 'too little evidence' && moreBars > 0 ? [bars] : [];
  const side = (absent?.length ?? 0) === 0 ? [] : [`no bars now: ${absent!.join(', ')}`];
  return [...side, ...more, ...session].join('; ');
}
