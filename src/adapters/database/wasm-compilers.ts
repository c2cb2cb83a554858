import { setFlagsFromString } from 'node:v8';

/**
 * For the modules that are made from now on. V8's optimizing compiler takes half a gigabyte for a moment to compile PostgreSQL, and gains
 * little on a ledger. Which compilers a module gets is settled when it is made: others, before and after, keep theirs.
 */
export function spareCompilers(): void {
  setFlagsFromString('--no-wasm-dynamic-tiering');
  setFlagsFromString('--no-wasm-tier-up');
}

/** As they are otherwise. */
export function restoreCompilers(): void {
  setFlagsFromString('--wasm-dynamic-tiering');
  setFlagsFromString('--wasm-tier-up');
}
