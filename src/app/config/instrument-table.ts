import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { type InstrumentRule, instrumentRule, instrumentTable } from '../../domain/instrument/instrument-rule.ts';
import type { PartFault, ValueType } from './value-type.ts';

const ALLOWED = 'a file of instruments (.json, .yaml or .yml), see docs/instruments.md';

/** The table of instruments: the path of a file; or, in the configuration file, the rules themselves. */
export const instrumentFile: ValueType<readonly InstrumentRule[]> = {
  allowed: ALLOWED,
  placeholder: '<path>',
  read: (raw) => {
    const table = instrumentTable.safeParse(rulesIn(raw));
    return table.success ? table.data : undefined;
  },
  show: (rules) => JSON.stringify(rules),
  faults(raw): PartFault[] {
    const rules = rulesIn(raw);
    if (rules instanceof Error) return [{ at: String(raw), value: rules.message, allowed: ALLOWED }];
    const { error } = instrumentTable.safeParse(rules);
    return (error?.issues ?? []).flatMap((issue) => faultsIn(issue, rules));
  },
};

function faultsIn(issue: z.core.$ZodIssue, rules: unknown): PartFault[] {
  const of = (path: readonly PropertyKey[]): PartFault => ({
    at: path.join('.') || 'the table',
    value: path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], rules),
    allowed: allowedBy(issue),
  });
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => of([...issue.path, key])) : [of(issue.path)];
}

/** Ends the sentence "… is not …". */
function allowedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `known: a rule has ${Object.keys(instrumentRule.shape).join(', ')}`;
    case 'invalid_type':
      return issue.expected === 'array' ? 'a list of rules' : `a ${issue.expected}`;
    case 'invalid_value':
      return `one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'a number';
    case 'too_small':
      return 'a number above zero';
    default:
      return issue.message;
  }
}

/** What a file holds, or else the value as it stands; an error where the file cannot be read. */
function rulesIn(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    const text = readFileSync(raw, 'utf8').replace(/^\uFEFF/, '');
    return /\.ya?ml$/i.test(raw) ? parse(text) : JSON.parse(text);
  } catch (error) {
    return error as Error;
  }
}
