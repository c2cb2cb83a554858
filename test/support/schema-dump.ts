import type { Database } from '../../src/ports/database.ts';

const TABLES = `
  SELECT c.oid::int8 AS oid, c.relname AS name, pg_get_partkeydef(c.oid) AS cut FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname`;
const COLUMNS = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
    pg_get_expr(d.adbin, d.adrelid) AS value, a.attidentity AS identity
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;
// Servers of version 18 and later list NOT NULL as constraints, too.
const CONSTRAINTS = `
  SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint
  WHERE conrelid = $1::int8::oid AND contype IN ('p', 'u', 'c', 'f') ORDER BY contype DESC, 1`;
const INDEXES = `
  SELECT pg_get_indexdef(i.indexrelid) AS text FROM pg_index i
  WHERE i.indrelid = $1::int8::oid AND NOT i.indisprimary AND NOT i.indisunique ORDER BY 1`;

/** The schema as SQL, the same for the same schema whatever the server: tables, keys, indexes, without the partitions. */
export async function schemaDump(database: Database): Promise<string> {
  const parts: string[] = [];
  for (const { oid, name, cut } of await database.query<{ oid: string; name: string; cut: string | null }>(TABLES)) {
    const columns = await database.query<{
      name: string;
      type: string;
      required: boolean;
      value: string | null;
      identity: string;
    }>(COLUMNS, [oid]);
    const constraints = await database.query<{ text: string }>(CONSTRAINTS, [oid]);
    const indexes = await database.query<{ text: string }>(INDEXES, [oid]);
    const lines = [
      ...columns.map((c) =>
        [
          c.name,
          c.type,
          c.required ? 'NOT NULL' : '',
          c.identity === 'a' ? 'GENERATED ALWAYS AS IDENTITY' : '',
          c.value === null ? '' : `DEFAULT ${c.value}`,
        ]
          .filter(Boolean)
          .join(' '),
      ),
      ...constraints.map(({ text }) => text),
    ];
    parts.push(
      `CREATE TABLE ${name} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)${cut === null ? '' : ` PARTITION BY ${cut}`};`,
      ...indexes.map(({ text }) => `${text.replaceAll('public.', '')};`),
      '',
    );
  }
  return parts.join('\n');
}
