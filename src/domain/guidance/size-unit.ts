import { wordField } from './payload-fields.ts';

/** What one of a size stands for: `units` of the base (currency, ounces, coins, shares), or a share of the instrument's contract. */
export const sizeUnits = {
  units: {
    of: 'base',
    factor: 1,
    words: ['unit', 'units', 'share', 'shares', 'coin', 'coins', 'oz', 'ounce', 'ounces'],
  },
  lots: {
    of: 'contract',
    factor: 1,
    words: ['lot', 'lots', 'standard', 'standard lot', 'standard lots', 'contract', 'contracts'],
  },
  'mini lots': { of: 'contract', factor: 0.1, words: ['mini', 'mini lot', 'mini lots'] },
  'micro lots': { of: 'contract', factor: 0.01, words: ['micro', 'micro lot', 'micro lots'] },
} as const;
export type SizeUnit = keyof typeof sizeUnits;
const names = Object.keys(sizeUnits) as SizeUnit[];

const words: Readonly<Record<string, SizeUnit>> = Object.fromEntries(
  names.flatMap((name) =>
    sizeUnits[name].words.flatMap((word) => [' ', '_', '-', ''].map((gap) => [word.replace(' ', gap), name])),
  ),
);

/** The unit that a payload names for its size; null where it names none, or one that is not known. */
export const sizeUnitOf = (payload: unknown): SizeUnit | null => wordField(payload, 'size_unit', words);

/** How many units of the base one of `unit` is; null where the contract size decides and is not known. */
export function unitsOfOne(unit: SizeUnit, contractSize: number | null): number | null {
  const { of, factor } = sizeUnits[unit];
  if (of === 'base') return factor;
  return contractSize === null ? null : contractSize * factor;
}
