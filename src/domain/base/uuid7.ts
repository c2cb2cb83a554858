/** A UUID of version 7: `at` (epoch milliseconds) in its first 48 bits, and 74 bits of `chance`, which is 20 hex digits. */
export function uuid7(at: number, chance: string): string {
  const time = at.toString(16).padStart(12, '0');
  // The two highest bits of this digit are the variant: 8, 9, a or b.
  const variant = (8 | (Number.parseInt(chance[3]!, 16) & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(0, 3)}-${variant}${chance.slice(4, 7)}-${chance.slice(7, 19)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID in its usual form, in lower case. */
export const isUuid = (text: string): boolean => UUID.test(text);
