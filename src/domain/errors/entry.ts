import type { ErrorList } from './spec.ts';

/** Errors of enriching entries of a stream. */
export const entryErrors = {
  'entry.refused': {
    retry: false,
    exit: null,
    cause: 'the database refuses the row of an entry, and refused it at each of 5 deliveries',
    remedy: 'look at the entry with `pulse dlq show <stream>:dlq`; correct the publisher, then replay it',
    text: (e) => `the row of entry ${e.id} was refused: ${e.reason}`,
  },
  'entry.failed': {
    retry: false,
    exit: null,
    cause: 'a defect in Pulse: the enrichment of an entry failed at each of 5 deliveries',
    remedy:
      'report it with the entry, which `pulse dlq show <stream>:dlq` shows; replay it with a version that fixes it',
    text: (e) => `entry ${e.id} could not be enriched: ${e.reason}`,
  },
  'indicators.file': {
    retry: false,
    exit: 64,
    cause: 'the file of indicators is missing, no JSON, or holds a key or value that is not allowed',
    remedy: 'correct the file named in the message; docs/indicators.md lists what it may hold',
    text: (e) => `${e.path}: ${e.problem}`,
  },
  'analysis.none': {
    retry: false,
    exit: 66,
    status: 404,
    cause: 'no analysis of the symbol and timeframe is stored',
    remedy: 'run `pulse enrichment` or `pulse up`; an analysis comes with each closed bar',
    text: (e) =>
      `there is no analysis of ${e.symbol} ${e.timeframe}${e.near === null ? '' : ` (did you mean ${e.near}?)`}${storedCharts(e.known)}`,
  },
  'enrich-file.format': {
    retry: false,
    exit: 64,
    cause: 'the name of the output file ends in no format that Pulse can write',
    remedy: 'name a file that ends in .ndjson, .csv or .parquet; the first two may be followed by .gz',
    text: (e) => `${e.flag} ${JSON.stringify(e.path)} ends in none of .ndjson .ndjson.gz .csv .csv.gz .parquet`,
  },
} as const satisfies ErrorList;

/** `known`: those that there are; null where nobody looked. */
function storedCharts(known: unknown): string {
  if (known === null) return '';
  return known === '' ? '; none of any symbol is stored yet' : `; stored are: ${known}`;
}
