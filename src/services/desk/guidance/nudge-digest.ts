import { canonicalJson } from '../../../domain/base/canonical-json.ts';
import type { Nudge } from '../../../domain/guidance/nudges/nudges.ts';
import { sha256 } from './digest.ts';

/** SHA-256 of a nudge as canonical JSON. */
export const nudgeDigest = (nudge: Nudge): string => sha256(canonicalJson(nudge));
