import { expect } from 'vitest';
import type { Database } from '../../src/ports/database.ts';
import { contract } from './contract.ts';

const table = async (database: Database, name: string): Promise<string> => {
  const quoted = `t_${name.replaceAll('-', '_')}`;
  await database.script(`CREATE TABLE ${quoted} (id integer PRIMARY KEY, text text)`);
  return quoted;
};

/** A statement that the server ends with this SQLSTATE. */
const raise = (sqlstate: string): string =>
  `DO $$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '${sqlstate}'; END $$`;

export const databaseContract = contract<Database>('database', [
  [
    'gives values in the form of `pg`: int8 and numeric as text, timestamptz as Date, jsonb parsed',
    async (database) => {
      const [row] = await database.query(
        `SELECT 1::int4 AS a, 9007199254740993::int8 AS b, 1.50::numeric AS c, 'x'::text AS d, true AS e, NULL::text AS f,
                '2014-05-01T10:00:00Z'::timestamptz AS g, '{"x":[1,null]}'::jsonb AS h, 1.5::float8 AS i, ARRAY[1,2] AS j`,
      );
      expect(row).toEqual({
        a: 1,
        b: '9007199254740993',
        c: '1.50',
        d: 'x',
        e: true,
        f: null,
        g: new Date('2014-05-01T10:00:00Z'),
        h: { x: [1, null] },
        i: 1.5,
        j: [1, 2],
      });
    },
  ],
  [
    'takes parameters of every kind, text never as a part of the statement',
    async (database) => {
      const evil = `'; DROP TABLE x; -- $1 \\ "`;
      const [row] = await database.query(
        'SELECT $1::text AS a, $2::int4 AS b, $3::timestamptz AS c, $4::jsonb AS d, $5::boolean AS e, $6::text AS f, $7::text[] AS g',
        [evil, 7, new Date(0), JSON.stringify({ a: 1 }), false, null, ['x', evil]],
      );
      expect(row).toEqual({ a: evil, b: 7, c: new Date(0), d: { a: 1 }, e: false, f: null, g: ['x', evil] });
    },
  ],
  [
    'commits what a transaction did when it resolves, and gives its result',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      const result = await database.transaction(async (query) => {
        await query(`INSERT INTO ${name} VALUES (1, 'a'), (2, 'b')`);
        return query(`SELECT count(*)::int4 AS n FROM ${name}`);
      });
      expect(result).toEqual([{ n: 2 }]);
      expect(await database.query(`SELECT id FROM ${name} ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }]);
    },
  ],
  [
    'undoes all of a transaction that rejects, and rejects with its error',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      const failure = new Error('no further');
      const work = database.transaction(async (query) => {
        await query(`INSERT INTO ${name} VALUES (1, 'a')`);
        throw failure;
      });
      await expect(work).rejects.toBe(failure);
      expect(await database.query(`SELECT * FROM ${name}`)).toEqual([]);
    },
  ],
  [
    'keeps transactions at once apart: each does all or nothing',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      await database.query(`INSERT INTO ${name} VALUES (0, '0')`);
      const add = (): Promise<void> =>
        database.transaction(async (query) => {
          const [row] = await query<{ text: string }>(`SELECT text FROM ${name} WHERE id = 0 FOR UPDATE`);
          await query(`UPDATE ${name} SET text = $1 WHERE id = 0`, [String(Number(row!.text) + 1)]);
        });
      await Promise.all(Array.from({ length: 20 }, add));
      expect(await database.query(`SELECT text FROM ${name}`)).toEqual([{ text: '20' }]);
    },
  ],
  [
    'shows nobody outside what a transaction has not committed',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      let inside = false;
      const transaction = database.transaction(async (query) => {
        await query(`INSERT INTO ${name} VALUES (1, 'a')`);
        inside = true;
        await query('SELECT pg_sleep(0.05)');
      });
      await tools.until('it has inserted', () => inside);
      const seen = await database.query(`SELECT * FROM ${name}`);
      const over = await transaction.then(() => true);
      // Where there is one connection, the query waits for the transaction; where there are several, it sees nothing of it.
      expect(seen.length === 0 || over).toBe(true);
    },
  ],
  [
    'refuses a wrong statement with its SQLSTATE, and works on, in a transaction too',
    async (database) => {
      const wrong = { code: 'database.query', message: expect.stringContaining('42703') };
      await expect(database.query('SELECT nothing_of_this_name')).rejects.toMatchObject(wrong);
      await expect(database.transaction((query) => query('SELECT nothing_of_this_name'))).rejects.toMatchObject(wrong);
      await expect(database.script('SELECT 1; SELEC 2')).rejects.toMatchObject({ code: 'database.query' });
      expect(await database.query('SELECT 1::int4 AS one')).toEqual([{ one: 1 }]);
    },
  ],
  [
    'tells what may pass, as a full disk, a standby or a lock, from what is the same at each attempt',
    async (database) => {
      const passes = {
        'database.full': ['53100'],
        // It has answered: to say that it cannot be reached would send people to the network.
        'database.busy': ['53200', '53300', '25006', '40P01', '40001', '55P03', '57014', '58030'],
        'database.unavailable': ['57P01', '08006'],
      };
      for (const [code, passing] of Object.entries(passes).flatMap(([code, states]) =>
        states.map((state) => [code, state] as const),
      ))
        await expect(database.query(raise(passing)), passing).rejects.toMatchObject({
          code,
          message: expect.stringContaining(passing),
          retry: true,
        });
      for (const lasting of ['22P05', '22003', '23514', '54001', '42703', '42P01', '42501'])
        await expect(database.query(raise(lasting)), lasting).rejects.toMatchObject({
          code: 'database.query',
          evidence: { sqlstate: lasting },
          retry: false,
        });
    },
  ],
  [
    'does a transaction again that another one got into the way of, and gives up where that does not end',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      let attempts = 0;
      await database.transaction(async (query) => {
        attempts += 1;
        await query(`INSERT INTO ${name} VALUES (1, '${attempts}')`);
        if (attempts < 3) await query(raise(attempts === 1 ? '40001' : '40P01'));
      });
      expect(await database.query(`SELECT text FROM ${name}`)).toEqual([{ text: '3' }]);
      const never = database.transaction((query) => query(raise('40P01')));
      await expect(never).rejects.toMatchObject({ code: 'database.busy', retry: true });
    },
  ],
  [
    'runs a script of several statements',
    async (database, tools) => {
      const name = tools.name('t').replaceAll('-', '_');
      await database.script(
        `CREATE TABLE ${name} (id int); INSERT INTO ${name} VALUES (1); INSERT INTO ${name} VALUES (2);`,
      );
      expect(await database.query(`SELECT count(*)::int4 AS n FROM ${name}`)).toEqual([{ n: 2 }]);
    },
  ],
  [
    'keeps what it holds over a restart',
    async (database, tools) => {
      const name = await table(database, tools.name('t'));
      await database.query(`INSERT INTO ${name} VALUES (1, 'kept')`);
      expect(await (await tools.restart()).query(`SELECT text FROM ${name}`)).toEqual([{ text: 'kept' }]);
    },
  ],
  [
    'rejects with a retry while the server is away, and works again when it is back',
    async (database, tools) => {
      await database.ping();
      await tools.fault('server stop');
      await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'database.unavailable', retry: true });
      await expect(database.transaction(async () => undefined)).rejects.toMatchObject({ code: 'database.unavailable' });
      await tools.fault('server start');
      await database.ping();
    },
  ],
  [
    'refuses a second opener of the same folder, by name of the process that holds it',
    async (_, tools) => {
      await expect(tools.another()).rejects.toMatchObject({
        code: 'database.locked',
        message: expect.stringContaining(String(process.pid)),
      });
    },
  ],
]);
