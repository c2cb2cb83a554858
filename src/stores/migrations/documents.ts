import type { Migration } from './migration.ts';

/** Documents, their passages, and the index of their words. */
export const documentsMigration: Migration = {
  number: 3,
  name: 'documents',
  statements: [
    // English word stems, but no stop words: those are a matter of the query, and "in the money" can be asked for.
    'CREATE TEXT SEARCH DICTIONARY pulse_stem (TEMPLATE = pg_catalog.snowball, Language = english)',
    'CREATE TEXT SEARCH CONFIGURATION pulse_words (COPY = pg_catalog.simple)',
    `ALTER TEXT SEARCH CONFIGURATION pulse_words
      ALTER MAPPING FOR asciiword, word, hword, hword_part, asciihword, hword_asciipart WITH pulse_stem`,
    `CREATE TABLE documents (
      id text PRIMARY KEY,
      title text NOT NULL,
      url text,
      format text NOT NULL CHECK (format IN ('markdown', 'text', 'html')),
      content text NOT NULL,
      digest text NOT NULL,
      chunks integer NOT NULL,
      length integer NOT NULL,
      words text[] NOT NULL,
      indexed_at timestamptz NOT NULL
    )`,
    'CREATE INDEX documents_indexed_at ON documents (indexed_at DESC, id)',
    'CREATE INDEX documents_url ON documents (url) WHERE url IS NOT NULL',
    `CREATE TABLE document_chunks (
      document_id text NOT NULL REFERENCES documents ON DELETE CASCADE,
      number integer NOT NULL,
      title text NOT NULL,
      headings text[] NOT NULL,
      content text NOT NULL,
      digest text NOT NULL,
      search tsvector NOT NULL,
      PRIMARY KEY (document_id, number)
    )`,
    'CREATE INDEX document_chunks_search ON document_chunks USING gin (search)',
    // No foreign key: to look up the passage of each of its terms was 40 % of the time that a document takes.
    `CREATE TABLE document_terms (
      lexeme text NOT NULL,
      document_id text NOT NULL,
      number integer NOT NULL,
      in_title integer NOT NULL,
      in_headings integer NOT NULL,
      in_content integer NOT NULL,
      length integer NOT NULL,
      PRIMARY KEY (lexeme, document_id, number)
    )`,
    'CREATE INDEX document_terms_chunk ON document_terms (document_id, number)',
    `CREATE TABLE document_words (
      word text PRIMARY KEY,
      documents integer NOT NULL,
      trigrams text[] NOT NULL
    )`,
    'CREATE INDEX document_words_trigrams ON document_words USING gin (trigrams)',
  ],
};
