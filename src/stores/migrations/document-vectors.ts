import type { Migration } from './migration.ts';

/** Vectors of passages. */
export const documentVectorsMigration: Migration = {
  number: 4,
  name: 'document vectors',
  statements: [
    `CREATE TABLE document_embedders (
      number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE,
      dimensions integer,
      used_at timestamptz NOT NULL DEFAULT now()
    )`,
    'CREATE SEQUENCE document_vector_revisions',
    // What is looked at most is which vectors there are: they themselves lie beside the table, so that this reads a tenth.
    `CREATE TABLE document_vectors (
      embedder integer NOT NULL REFERENCES document_embedders ON DELETE CASCADE,
      document_id text NOT NULL,
      number integer NOT NULL,
      digest text NOT NULL,
      revision bigint NOT NULL DEFAULT nextval('document_vector_revisions'),
      vector bytea NOT NULL,
      PRIMARY KEY (embedder, document_id, number),
      FOREIGN KEY (document_id, number) REFERENCES document_chunks ON DELETE CASCADE
    ) WITH (toast_tuple_target = 128)`,
    'ALTER TABLE document_vectors ALTER COLUMN vector SET STORAGE EXTERNAL',
    'CREATE INDEX document_vectors_chunk ON document_vectors (document_id, number)',
    'CREATE UNIQUE INDEX document_vectors_revision ON document_vectors (embedder, revision)',
  ],
};
