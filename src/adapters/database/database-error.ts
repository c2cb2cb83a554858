import { PulseError } from '../../domain/errors/errors.ts';

/** SQLSTATE classes of what is the same at each attempt: 22, 23 and 54 are about values, 42 is about the statement. */
const LASTING = /^(22|23|42|54)/;
/** A refused login, and an unknown database. */
const REFUSED = /^(28|3D)/;

/** A disk without room. */
const FULL = /^53100$/;
/** A lost connection, and a server that starts or ends. */
const AWAY = /^(08|57P0)/;

/** What a database says, as one of the closed list. Whatever is not known to last may pass: a full disk, a standby, a lock, a lost connection. */
export function databaseError(failure: { message: string; sqlstate: string | null }, at: string): PulseError {
  const { message, sqlstate } = failure;
  if (sqlstate === null) return new PulseError('database.unavailable', { at, reason: message }, { cause: failure });
  if (REFUSED.test(sqlstate))
    return new PulseError('database.refused', { at, sqlstate, reason: message }, { cause: failure });
  if (LASTING.test(sqlstate))
    return new PulseError('database.query', { sqlstate, reason: message }, { cause: failure });
  const reason = `${message} (SQLSTATE ${sqlstate})`;
  const code = FULL.test(sqlstate) ? 'database.full' : AWAY.test(sqlstate) ? 'database.unavailable' : 'database.busy';
  return new PulseError(code, { at, sqlstate, reason }, { cause: failure });
}

/** Transactions that wanted the same rows at the same time: one of them is told to begin again. */
const IN_THE_WAY = ['40001', '40P01'];
const TRIES = 4;

/** Does a transaction again, at once, while another one gets into its way. */
export async function untilClear<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      const clashed = error instanceof PulseError && IN_THE_WAY.includes(String(error.evidence.sqlstate));
      if (attempt === TRIES || !clashed) throw error;
    }
  }
}
