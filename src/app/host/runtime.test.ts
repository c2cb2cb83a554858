import { expect, test } from 'vitest';
import { commandNames } from '../config/command-specs.ts';
import { readConfig } from '../config/config.ts';
import { isService } from './runtime.ts';

test('the log of every service goes where its siblings log: to standard output', () => {
  const toOutput = commandNames.filter((name) =>
    isService(readConfig(name, { flags: {}, env: {}, file: null }).config),
  );
  expect(toOutput).toEqual(['up', 'feed', 'mirror', 'bars', 'enrichment', 'mcp2']);
});
