import { z } from 'zod';
import { decimalText, parseDecimal } from '../base/decimal.ts';
import { calendarNames } from '../calendar/trading-calendar.ts';

/** How far apart two values may be and still agree: so much, as decimal text, or so many percent of the larger one. */
export type Allowance = { readonly amount: string } | { readonly percent: number };

/** Decimal text of a number, or of text that is one; null where it is none. */
function exactText(value: string | number): string | null {
  const exact = parseDecimal(String(value).trim());
  return exact === null ? null : decimalText(exact);
}

const step = (about: string) =>
  z
    .union([z.number(), z.string()])
    .transform((value, context): string => {
      const text = exactText(value);
      if (text === null || text === '0' || text.startsWith('-')) {
        context.addIssue({ code: 'custom', message: 'a number above zero' });
        return z.NEVER;
      }
      return text;
    })
    .optional()
    .describe(about);

const allowance = (about: string) =>
  z
    .union([z.number(), z.string()])
    .transform((value, context): Allowance => {
      const percent = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(value) : null;
      if (percent !== null) return { percent: Number(percent[1]) };
      const amount = exactText(value);
      if (amount !== null && !amount.startsWith('-')) return { amount };
      context.addIssue({ code: 'custom', message: 'a number from zero on, or one with %, such as "0.01%"' });
      return z.NEVER;
    })
    .optional()
    .describe(about);

const currency = (about: string) =>
  z
    .string()
    .regex(/^[A-Z0-9]{2,12}$/, 'a code in capitals, such as EUR or BTC')
    .optional()
    .describe(about);

/** What is fixed about the symbols that match a pattern. What it leaves out comes from elsewhere. */
export const instrumentRule = z.strictObject({
  symbols: z
    .string()
    .regex(/^[A-Za-z0-9._*?-]+$/, 'a symbol pattern, such as XAU* or BTC-???')
    .describe('pattern of symbols: `*` stands for any text, `?` for one character'),
  priceIncrement: step('smallest step of a price'),
  pip: step('what is called a pip: the unit in which differences are told'),
  volumeIncrement: step('smallest step of a volume'),
  contractSize: z.number().positive().finite().optional().describe('units of the base that one lot is'),
  base: currency('currency, metal or coin that is traded'),
  quote: currency('currency or coin in which prices are told'),
  calendar: z.enum(calendarNames).optional().describe('trading calendar'),
  nonPositive: z.boolean().optional().describe('whether prices at or below zero are legal'),
  priceTolerance: allowance(
    'price difference that still counts as equal: a number, or a percentage of the price ("0.01%")',
  ),
  volumeTolerance: allowance('volume difference that still counts as equal: a number, or a percentage of the volume'),
});

export type InstrumentRule = z.infer<typeof instrumentRule>;

/** What a rule can say of a symbol. */
export type InstrumentFields = Omit<InstrumentRule, 'symbols'>;

/** The table of instruments: the first rule that matches a symbol counts. */
export const instrumentTable = z.array(instrumentRule);
