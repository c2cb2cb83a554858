import { z } from 'zod';

/** Schemas that the API description names: bodies of requests, and of answers. */
export const requestSchemas = z.registry<{ id: string }>();
export const answerSchemas = z.registry<{ id: string }>();
