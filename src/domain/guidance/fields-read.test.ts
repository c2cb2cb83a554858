import { expect, test } from 'vitest';
import { z } from 'zod';
import { strategyPayload } from '../trade/strategy-payload.ts';
import { fieldsRead } from './fields-read.ts';
import { payloadFields } from './payload-fields.ts';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
}

/** What the JSON Schema of a payload says of a place such as `trade.stop`. */
function described(place: string): string | undefined {
  let schema = z.toJSONSchema(strategyPayload, { io: 'input' }) as Schema;
  for (const key of place.split('.'))
    schema = [schema, ...(schema.anyOf ?? [])].find(({ properties }) => properties?.[key])?.properties?.[key] ?? {};
  return schema.description;
}

test('each field that the rules read is described in the schema', () => {
  for (const [first] of Object.values(payloadFields)) expect(described(first), first).toMatch(/\w{3}/);
  for (const limit of ['max_risk_per_trade', 'max_positions', 'max_daily_drawdown'])
    expect(described(`risk.${limit}`), limit).toMatch(/\w{3}/);
  expect(described('trade.nothing')).toBeUndefined();
});

test('tools and routes are told of those that risk follows from', () => {
  for (const field of [
    'side',
    'entry',
    'stop',
    'target',
    'size',
    'size_unit',
    'equity',
    'currency',
    'drawdown',
    'pnl',
  ] as const)
    expect(fieldsRead).toContain(payloadFields[field][0]);
});
