import { type CommandName, commandNames } from './command-specs.ts';
import type { ValueType } from './value-type.ts';

export { type CommandName, commandNames };

/** One thing that can be configured: flags, variables, the file, help, docs and checks all come from it. */
export interface Setting<T, D extends T | null = T | null> {
  /** Heading under which help and docs show it. */
  readonly group: string;
  /** The variable; null for what is said anew with each call, such as `--symbol`. Those are not in the file either. */
  readonly env: string | null;
  /** Older names of the variable. */
  readonly aliases: readonly string[];
  readonly flag: string;
  readonly type: ValueType<T>;
  readonly default: D;
  /** Where a command has a default of its own. */
  readonly defaults: Readonly<Partial<Record<CommandName, T>>>;
  /** What holds by default, where `default` does not say it. */
  readonly otherwise: string | null;
  readonly about: string;
  /** `url`: only the password in it is secret. */
  readonly secret: boolean | 'url';
  /** The commands that read it. */
  readonly services: readonly CommandName[];
}

interface Declaration<T> {
  readonly env?: string;
  readonly aliases?: readonly string[];
  readonly flag: string;
  readonly type: ValueType<T>;
  readonly defaults?: Readonly<Partial<Record<CommandName, NoInfer<T>>>>;
  readonly otherwise?: string;
  readonly about: string;
  readonly secret?: boolean | 'url';
  readonly services: readonly CommandName[];
}

interface Declare {
  <T>(declared: Declaration<T> & { readonly default: NoInfer<T> }): Setting<T, T>;
  <T>(declared: Declaration<T>): Setting<T, null>;
}

/** Declares the settings of a group. Without a default a setting is null until somebody sets it; `otherwise` then says what null means. */
export const settingsOf = (group: string): Declare => {
  const declare = <T>(declared: Declaration<T> & { readonly default?: T }): Setting<T> => {
    const { env = null, aliases = [], secret = false, otherwise = null, defaults = {} } = declared;
    return { ...declared, group, env, aliases, secret, otherwise, defaults, default: declared.default ?? null };
  };
  return declare as Declare;
};

/** What a setting's value is, once read. */
export type ValueOf<S> = S extends Setting<infer T, infer D> ? T | D : never;

/** The value as people may see it. */
export function shown<T>(s: Setting<T>, value: T): string {
  if (s.secret === true) return '[secret]';
  const written = s.type.show(value);
  return s.secret === 'url' ? withoutPassword(written) : written;
}

/** A URL, or what was meant as one, without its password. */
export const withoutPassword = (value: string): string => value.replace(/(:\/\/[^/@\s:]*):[^\s]*@/g, '$1:[secret]@');
