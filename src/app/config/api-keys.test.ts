import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { apiKeys } from './api-keys.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const KEY = 'a-key-of-some-length';
const ALL = ['read', 'write', 'llm'];

test.each`
  written                            | name       | scopes             | secret
  ${KEY}                             | ${'key-1'} | ${ALL}             | ${KEY}
  ${`desk:read:${KEY}`}              | ${'desk'}  | ${['read']}        | ${KEY}
  ${`desk:llm+read:${KEY}`}          | ${'desk'}  | ${['llm', 'read']} | ${KEY}
  ${`sha256=${sha256(KEY)}`}         | ${'key-1'} | ${ALL}             | ${null}
  ${`a:write:sha256=${sha256(KEY)}`} | ${'a'}     | ${['write']}       | ${null}
  ${`${KEY}:COLON`}                  | ${'key-1'} | ${ALL}             | ${`${KEY}:COLON`}
`('$written is a key named $name', ({ written, name, scopes, secret }) => {
  const digest = sha256(secret ?? KEY);
  expect(apiKeys.read(written)).toEqual([{ name, scopes, secret, sha256: digest }]);
});

test.each`
  written                           | why
  ${'short'}                        | ${'fewer than 16 characters'}
  ${''}                             | ${'empty'}
  ${`${KEY},`}                      | ${'an empty one at the end'}
  ${`desk:reed:${KEY}`}             | ${'an unknown scope'}
  ${`desk:read:short`}              | ${'a named one of fewer than 16 characters'}
  ${`sha256=${'ab'.repeat(31)}`}    | ${'a hash of the wrong length'}
  ${`a:read:${KEY},a:llm:${KEY}-2`} | ${'a name that stands twice'}
  ${'a key with spaces in it'}      | ${'spaces'}
`('$written is refused: $why', ({ written }) => expect(apiKeys.read(written)).toBeUndefined());

test('what is shown reads back to the same keys, without the secrets', () => {
  const keys = apiKeys.read(`desk:read+llm:${KEY},sha256=${sha256('another')}`)!;
  expect(apiKeys.show(keys)).not.toContain(KEY);
  expect(apiKeys.read(apiKeys.show(keys))).toEqual(keys.map((key) => ({ ...key, secret: null })));
});
