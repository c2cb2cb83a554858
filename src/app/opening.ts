import { once } from './once.ts';

type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Something of which each call opens it first, where that has not been done: its engines may be away when it is made. */
export function opening<T extends object>(open: () => Promise<T>, calls: readonly (keyof T & string)[]): T {
  const opened = once(open);
  const made = Object.fromEntries(
    calls.map((name) => [
      name,
      async (...args: never[]): Promise<unknown> => ((await opened()) as unknown as Calls)[name]!(...args),
    ]),
  );
  return made as unknown as T;
}
