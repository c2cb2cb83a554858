import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { errors } from '../../domain/errors/errors.ts';
import { eventCodes } from '../../domain/event/event.ts';
import { metrics } from '../../domain/metric/metric.ts';
import { allSettings } from '../config/settings.ts';
import { exitCodes, serviceExits, unexplainedExits } from '../host/exit-codes.ts';
import { pages } from './pages.ts';

test.each(Object.keys(pages()))('%s is what the source says now', async (path) => {
  const stored = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
  expect(stored, 'stale: run `npm run docs`').toBe(pages()[path]);
});

test('the pages leave out no setting, error, event or metric', () => {
  const {
    'docs/configuration.md': configuration,
    'docs/errors.md': list,
    'docs/events.md': events,
    'docs/metrics.md': counted,
    '.env.example': env,
  } = pages();
  for (const [, { env: variable, flag }] of allSettings) {
    expect(configuration).toContain(`\`${variable ?? flag}\``);
    if (variable !== null) expect(env).toContain(`\n#${variable}=`);
  }
  for (const code of Object.keys(errors)) expect(list).toContain(`| \`${code}\` |`);
  for (const code of Object.keys(eventCodes)) expect(events).toContain(`| \`${code}\` |`);
  for (const name of Object.keys(metrics)) expect(counted).toContain(`| \`${name}\` |`);
});

test("of every error with an exit code it is said whether it can end a service, and why that is the operator's to mend", () => {
  expect(unexplainedExits()).toEqual([]);
  for (const { error, why } of serviceExits()) expect(why, error).not.toBe('');
});

test('every exit code that an error ends with has a meaning', () => {
  for (const { code, meaning } of exitCodes()) expect(meaning, String(code)).not.toBe('');
});
