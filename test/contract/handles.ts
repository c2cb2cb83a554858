import type { Opened } from './adapter.ts';

/** Handles on one set of data made by `make`, the newest last. `clear` deletes the data. */
export function handles<S extends { close(): Promise<void> }>(
  make: () => S,
  clear: () => Promise<void> = async () => undefined,
  faults: NonNullable<Opened<S>['faults']> = {},
): Opened<S> {
  const opened = [make()];
  const another = async (): Promise<S> => {
    opened.push(make());
    return opened.at(-1)!;
  };
  return {
    subject: opened[0]!,
    another,
    restart: async () => {
      await opened.pop()!.close();
      return another();
    },
    faults,
    dispose: async () => {
      await Promise.all(opened.map((subject) => subject.close()));
      await clear();
    },
  };
}
