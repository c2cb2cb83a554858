import { once } from './once.ts';

type Calls = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** Those calls of something, each of which opens it first where that has not been done: its engines may be away when it is made. */
export function opening<T extends object, K extends keyof T & string>(
  open: () => Promise<T>,
  calls: readonly K[],
): Pick<T, K> {
  const opened = once(open);
  const made = Object.fromEntries(
    calls.map((name) => [
      name,
      async (...args: never[]): Promise<unknown> => ((await opened()) as unknown as Calls)[name]!(...args),
    ]),
  );
  return made as unknown as Pick<T, K>;
}
