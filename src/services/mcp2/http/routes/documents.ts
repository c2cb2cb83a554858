import { z } from 'zod';
import { documentFormat, documentId, indexedDocument, storedDocument } from '../../../../domain/desk/document.ts';
import { searchPage } from '../../../../domain/desk/search-page.ts';
import type { Endpoint } from '../../../../edge/endpoint.ts';
import { requestSchemas } from '../../../../edge/named-schemas.ts';
import type { Documents } from '../../../../ports/desk.ts';
import { documentList } from '../answers.ts';
import { endpoint } from '../endpoint.ts';
import { documentExample } from '../examples.ts';
import { count, label, text } from '../inputs.ts';

const one = z.object({ id: label(300).describe('Of the document') });

const newDocument = z
  .object({
    content: z.string().min(1).regex(/\S/, 'must hold more than spaces'),
    format: documentFormat.default('markdown'),
    title: text(500, 1).optional().describe('Otherwise the first heading, or the first line'),
    url: z
      .string()
      .max(2_000)
      .regex(/^https?:\/\/[A-Za-z0-9[][^\s\u0000-\u001f\u007f-\u009f]*$/, 'must be an http or https URL')
      .optional()
      .describe('Where it can be read; documents of one url are versions of one'),
    id: documentId.optional().describe('Otherwise from the url, or else from the content'),
  })
  .register(requestSchemas, { id: 'NewDocument' });

export const documentRoutes = (documents: Documents): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: '/search_docs',
    access: 'read',
    tag: 'Documents',
    summary: 'Search the indexed documents',
    about: 'Words, `"phrases"`, `OR` and `-minus`; a misspelled word is taken for the nearest one that is indexed.',
    query: z.object({ query: text(1_000), limit: count(1, 100, 10), offset: count(0, 10_000, 0) }),
    answers: { 200: { about: 'The best passages, best first', schema: searchPage } },
    run: ({ query: { query, limit, offset } }) => documents.search(query, limit, offset),
  }),
  endpoint({
    method: 'GET',
    path: '/documents',
    access: 'read',
    tag: 'Documents',
    summary: 'The indexed documents, newest first',
    query: z.object({ limit: count(1, 500, 50), offset: count(0, 1_000_000, 0) }),
    answers: { 200: { about: 'Without their content', schema: documentList } },
    run: async ({ query: { limit, offset } }) => ({ documents: await documents.list(limit, offset) }),
  }),
  endpoint({
    method: 'POST',
    path: '/documents',
    access: 'write',
    tag: 'Documents',
    summary: 'Index a document',
    about: 'Unchanged text is not indexed again.',
    body: newDocument,
    bodyExample: documentExample,
    bodyLimit: 'large',
    audit: 'document.add',
    answers: { 200: { about: 'What was done', schema: indexedDocument } },
    async run({ body }, { caller, about }) {
      const indexed = await documents.add(body, caller);
      about(indexed.id);
      return indexed;
    },
  }),
  endpoint({
    method: 'GET',
    path: '/documents/:id',
    access: 'read',
    tag: 'Documents',
    summary: 'One document',
    params: one,
    answers: { 200: { about: 'The document as it was given', schema: storedDocument } },
    failures: { 404: 'There is none of that id' },
    run: ({ params }) => documents.get(params.id),
  }),
  endpoint({
    method: 'DELETE',
    path: '/documents/:id',
    access: 'write',
    tag: 'Documents',
    summary: 'Remove a document',
    params: one,
    audit: 'document.remove',
    answers: { 204: { about: 'Removed' } },
    failures: { 404: 'There is none of that id' },
    async run({ params }, { caller, reply, about }) {
      about(params.id);
      await documents.remove(params.id, caller);
      reply.code(204);
    },
  }),
];
