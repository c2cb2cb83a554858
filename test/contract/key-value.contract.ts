import { expect } from 'vitest';
import type { KeyValue } from '../../src/ports/key-value.ts';
import { contract } from './contract.ts';

export const keyValueContract = contract<KeyValue>('key-value', [
  [
    'has nothing under a key that was never set',
    async (keys, tools) => expect(await keys.get(tools.name('none'))).toBe(null),
  ],
  [
    'gives back what was set, whatever text it is, and the newest',
    async (keys, tools) => {
      for (const text of ['', 'plain', '[{"c":1.2}]', 'Ω\u0000\u2028🙂', 'x'.repeat(1_000_000)]) {
        const key = tools.name('bars:ÉURUSD:1m');
        await keys.set(key, 'before');
        await keys.set(key, text);
        expect(await keys.get(key)).toBe(text);
      }
    },
  ],
  [
    'keeps keys apart',
    async (keys, tools) => {
      const [a, b] = [tools.name('key'), tools.name('key')];
      await keys.set(a, '1');
      await keys.set(b, '2');
      expect([await keys.get(a), await keys.get(b)]).toEqual(['1', '2']);
    },
  ],
  [
    'shows at once what another process set',
    async (keys, tools) => {
      const other = await tools.another();
      const key = tools.name('pulse:bar-source');
      await keys.set(key, 'redis');
      expect(await other.get(key)).toBe('redis');
      await other.set(key, 'kafka');
      expect(await keys.get(key)).toBe('kafka');
    },
  ],
  [
    'keeps what it holds over a restart',
    async (keys, tools) => {
      const key = tools.name('key');
      await keys.set(key, 'kept');
      expect(await (await tools.restart()).get(key)).toBe('kept');
    },
  ],
]);
