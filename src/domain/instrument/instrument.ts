import type { CalendarName } from '../calendar/trading-calendar.ts';
import type { Tolerance } from '../parity/parity-tolerance.ts';
import { builtInFor } from './built-in.ts';
import type { Allowance, InstrumentFields, InstrumentRule } from './instrument-rule.ts';
import { symbolMatcher } from './symbol-pattern.ts';

/**
 * Where something about an instrument comes from: the table of instruments, a setting, a built-in rule, or what the tape shows. `default`:
 * nobody says it.
 */
export type Origin = 'table' | 'setting' | 'built-in' | 'derived' | 'default';

const fields = [
  ...([
    'priceIncrement',
    'pip',
    'volumeIncrement',
    'contractSize',
    'base',
    'quote',
    'calendar',
    'nonPositive',
  ] as const),
  ...(['priceTolerance', 'volumeTolerance'] as const),
] as const;
export type InstrumentField = (typeof fields)[number];

/** The finest steps that a tape shows, as decimal text; null: it shows nothing. */
export interface ShownSteps {
  readonly price: string | null;
  readonly volume: string | null;
}

/** What is fixed about a symbol. Increments and pips are decimal text; null: nobody knows. */
export interface Instrument {
  readonly symbol: string;
  /** The pattern of the table's rule, and the name of the built-in one; null where none matches. */
  readonly tableRule: string | null;
  readonly builtInRule: string | null;
  readonly priceIncrement: string | null;
  readonly pip: string | null;
  readonly volumeIncrement: string | null;
  readonly contractSize: number | null;
  readonly base: string | null;
  readonly quote: string | null;
  readonly calendar: CalendarName;
  readonly nonPositive: boolean;
  readonly tolerance: Tolerance;
  readonly origins: Readonly<Record<InstrumentField, Origin>>;
}

/** What single settings say of a symbol. `priceTicks`: how many pips, or price increments where no pip is set, prices may be apart. */
export interface InstrumentSettings extends InstrumentFields {
  readonly priceTicks?: number;
}

/** What is configured about instruments. */
export interface InstrumentSources {
  /** The first rule that matches counts. */
  readonly table: readonly InstrumentRule[];
  readonly settings: (symbol: string) => InstrumentSettings;
}

const NOTHING: ShownSteps = { price: null, volume: null };

/** What applies to a symbol: field by field the table, then the settings, then the built-in rule of its form, then what its tape shows. */
export function instrumentOf(symbol: string, sources: InstrumentSources, shown: ShownSteps = NOTHING): Instrument {
  const ruled = sources.table.find(({ symbols }) => symbolMatcher(symbols)(symbol));
  const builtIn = builtInFor(symbol);
  const settings = sources.settings(symbol);
  const derived: InstrumentFields = {
    ...(shown.price !== null && { priceIncrement: shown.price }),
    ...(shown.volume !== null && { volumeIncrement: shown.volume }),
  };
  const given: readonly (readonly [Origin, InstrumentFields])[] = [
    ['table', ruled ?? {}],
    ['setting', settings],
    ['built-in', builtIn?.fields ?? {}],
    ['derived', derived],
  ];
  const origins = {} as Record<InstrumentField, Origin>;
  const found: { -readonly [K in keyof InstrumentFields]: InstrumentFields[K] } = {};
  for (const field of fields) {
    const [origin, from] = given.find(([, each]) => each[field] !== undefined) ?? ['default', {}];
    origins[field] = origin;
    Object.assign(found, { [field]: from[field] });
  }
  if (settings.priceTicks !== undefined && origins.priceTolerance !== 'table') origins.priceTolerance = 'setting';
  return {
    symbol,
    tableRule: ruled?.symbols ?? null,
    builtInRule: builtIn?.rule ?? null,
    priceIncrement: found.priceIncrement ?? null,
    pip: found.pip ?? null,
    volumeIncrement: found.volumeIncrement ?? null,
    contractSize: found.contractSize ?? null,
    base: found.base ?? null,
    quote: found.quote ?? null,
    calendar: found.calendar ?? '24x7',
    nonPositive: found.nonPositive ?? false,
    tolerance: toleranceOf(found, settings, origins),
    origins,
  };
}

/** One increment where nothing else is said: a side may have rounded. Where not even that is known, none. */
function toleranceOf(
  found: InstrumentFields,
  { pip, priceTicks }: InstrumentSettings,
  origins: Readonly<Record<InstrumentField, Origin>>,
): Tolerance {
  const step = origins.priceTolerance === 'setting' ? (pip ?? found.priceIncrement) : found.priceIncrement;
  return {
    ...priceAllowance(found.priceTolerance, step ?? null, priceTicks ?? 1),
    ...volumeAllowance(found.volumeTolerance, found.volumeIncrement ?? '0'),
    ...(isDerived(origins, 'price') && { priceDerived: true }),
    ...(isDerived(origins, 'volume') && { volumeDerived: true }),
  };
}

const isDerived = (origins: Readonly<Record<InstrumentField, Origin>>, what: 'price' | 'volume'): boolean =>
  origins[`${what}Tolerance`] === 'default' && ['derived', 'default'].includes(origins[`${what}Increment`]);

function priceAllowance(
  given: Allowance | undefined,
  step: string | null,
  ticks: number,
): Pick<Tolerance, 'pipSize' | 'priceTicks' | 'pricePercent'> {
  const pipSize = Number(step ?? 1);
  if (given === undefined) return { pipSize, priceTicks: step === null ? 0 : ticks };
  if ('percent' in given) return { pipSize, priceTicks: 0, pricePercent: given.percent };
  return { pipSize, priceTicks: Number(given.amount) / pipSize };
}

const volumeAllowance = (given: Allowance | undefined, step: string): Pick<Tolerance, 'volume' | 'volumePercent'> =>
  given === undefined
    ? { volume: step }
    : 'percent' in given
      ? { volume: '0', volumePercent: given.percent }
      : { volume: given.amount };
