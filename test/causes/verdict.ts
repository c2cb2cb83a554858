import type { Expected } from './plants.ts';

/** What of a report is judged. Read as anybody would who has only the JSON. */
interface Report {
  readonly systematic: readonly { readonly kind: string }[];
  readonly mismatches: readonly { readonly start: number; readonly cause: string }[];
  readonly offCalendar: { readonly compared: number };
}

const clock = (ts: number): string => new Date(ts).toISOString().slice(11, 16);

/** Why what was said is not what was planted; nothing where it is. Reports: of one stretch, or cut where a day begins. */
export function faultsOf(expected: Expected, said: unknown): string[] {
  if (!Array.isArray(said)) return [`no report: ${JSON.stringify(said)}`];
  const reports = said as Report[];
  const kinds = new Set(reports.flatMap(({ systematic }) => systematic.map(({ kind }) => kind)));
  if (expected.systematic !== null)
    return kinds.size === 1 && kinds.has(expected.systematic)
      ? []
      : [
          `a path that is "${expected.systematic}" was told as ${[...kinds].join(', ') || `${causesText(reports)}, bar by bar`}`,
        ];
  const faults = [...kinds].map((kind) => `single bars were told as a path that is "${kind}"`);
  const causes = new Map(reports.flatMap(({ mismatches }) => mismatches.map(({ start, cause }) => [start, cause])));
  for (const [start, cause] of expected.causes)
    if (causes.get(start) !== cause)
      faults.push(`${clock(start)}: ${cause} was told as ${causes.get(start) ?? 'nothing'}`);
  for (const [start, cause] of causes)
    if (!expected.causes.has(start)) faults.push(`${clock(start)}: nothing was told as ${cause}`);
  return faults;
}

const causesText = (reports: readonly Report[]): string =>
  [...new Set(reports.flatMap(({ mismatches }) => mismatches.map(({ cause }) => cause)))].join(', ');
