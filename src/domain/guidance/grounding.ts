import { z } from 'zod';
import { type AnswerText, LONGEST_PART } from './answer.ts';
import { type Facts, factNames, factSpecs } from './fact.ts';
import { numbersIn, type WrittenNumber } from './numbers-in.ts';
import type { Prompt } from './prompt.ts';
import { mayProceed } from './rules.ts';

const part = z.string().trim().min(1).max(LONGEST_PART);
const answer = z.strictObject({ signal: part, risk: part, action: part, journal: part });

export type Grounded = { readonly answer: AnswerText } | { readonly reason: string };

/**
 * Whether an answer of a model may be given: four texts; every number in them is one of the facts; nothing of the prompt's own instructions
 * comes back; no link, no markup, nothing that reads as code; it names one of the facts' numbers at least; and nothing but its action, which is then
 * the rules' own, lets a trade be taken that the rules do not. Otherwise the reason, in which nothing of the answer is quoted but a number.
 */
export function grounded(
  object: unknown,
  facts: Facts,
  prompt: Pick<Prompt, 'system' | 'boundary'>,
  symbol: string | null = null,
): Grounded {
  const read = answer.safeParse(object);
  if (!read.success)
    return {
      reason: `not the four texts that were asked for: ${read.error.issues[0]!.path.join('.') || 'the object'}`,
    };
  const text = Object.values(read.data).join('\n');
  const bare = withoutNames(text, facts, symbol);
  const reason =
    codeIn(text) ??
    leakIn(text, prompt) ??
    strangeNumberIn(bare, facts) ??
    idle(bare, facts) ??
    adviceIn(read.data, facts);
  return reason === null ? { answer: read.data } : { reason };
}

/** A symbol as `US500`: what begins with digits, or is longer, might be a number or a sentence. */
const SYMBOL = /^[A-Za-z]{2,6}[A-Za-z0-9]{0,6}$/;

/** The text without the names in it that may hold digits and are no numbers: the symbol, and the timeframe. */
function withoutNames(text: string, facts: Facts, symbol: string | null): string {
  const told = factNames.map((name) => (factSpecs[name].unit === 'name' ? facts[name] : null));
  const names = [facts.timeframe, symbol !== null && SYMBOL.test(symbol) ? symbol : null, ...told];
  return names.reduce<string>(
    (rest, name) =>
      typeof name === 'string' ? rest.replace(new RegExp(`(?<![\\w.,])${escaped(name)}(?!\\w)`, 'g'), ' ') : rest,
    text,
  );
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A clause that denies something: "do not proceed" lets nobody proceed. */
const DENIED = /\b(?:not|never|no|nor|cannot|can't|don't|won't|without|before|until|unless)\b[^.,;:!?]*/gi;
const PROCEED =
  /\b(?:proceed|go(?:ing)? ahead|good to go|green light|take (?:it|(?:the|this) trade)|enter (?:it|now|(?:the|this) trade)|safe to (?:trade|take|enter)|(?:within|inside|under|below) (?:its|the|all|your|every|any) (?:\w+ )?limits)\b/i;

/** Whether the answer lets a trade be taken that the rules do not. */
const adviceIn = (answer: AnswerText, facts: Facts): string | null =>
  !mayProceed(facts) &&
  [answer.signal, answer.risk, answer.journal].some((text) => PROCEED.test(text.replace(DENIED, ' ')))
    ? 'it lets a trade be taken that the rules do not'
    : null;

const LINK =
  /\w+:\/\/|\bwww\.|\bmailto:|\bdata:|\bjavascript:|\b[\w-]+\.(?:com|net|org|io|ai|dev|app|xyz|ru|cn|co|me|info)\b/i;
const MARKUP = /[<>{}`\\]|\]\s*\(|!\[|&[#\w]+;|^\s*#{1,6}\s/m;
// Signs that are not seen carry what a reader does not read.
const UNSEEN = /[\p{Cf}\p{Co}\p{Cn}]|(?!\n)\p{Cc}/u;
/** No English word is as long; encoded text is. */
const LONG_WORD = /[^\s]{41,}/;

function codeIn(text: string): string | null {
  if (LINK.test(text)) return 'it has a link';
  if (MARKUP.test(text)) return 'it has markup or code';
  if (UNSEEN.test(text)) return 'it has characters that cannot be seen';
  return LONG_WORD.test(text) ? 'it has a word that is too long to be one' : null;
}

const RUN = 40;
const letters = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');

/** Any 40 letters in a row of the instructions, whatever stands between them, or a part of the boundary. */
function leakIn(text: string, { system, boundary }: Pick<Prompt, 'system' | 'boundary'>): string | null {
  const [said, secret] = [letters(text), letters(system)];
  const runs = new Set<string>();
  for (let i = 0; i + RUN <= secret.length; i += 1) runs.add(secret.slice(i, i + RUN));
  for (let i = 0; i + RUN <= said.length; i += 1)
    if (runs.has(said.slice(i, i + RUN))) return 'it repeats the instructions';
  const mark = boundary.slice(-32);
  for (let i = 0; i + 8 <= mark.length; i += 1)
    if (text.includes(mark.slice(i, i + 8))) return 'it repeats the delimiter';
  return null;
}

/** Ordinary words as long as no unit follows: two things, a third reason. */
const SMALL_NUMBER =
  /\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|half|third|quarter|fifth|tenth|dozen|double|triple|twice)\b[\s-]+(?:(?:an?|of|the)[\s-]+)*(?:[%％﹪٪]|per[\s-]?cent|pct|points?|pips?|lots?|contracts?|shares?|units?|dollars?|times|positions?|trades?|minutes?|hours?|days?|bars?|losses|(?:your|usual|normal)[\s-]+size|size|risk|stake)\b/i;
/** Parts of a percent: no fact has that unit. */
const SMALL_UNIT = /[‰‱]|\b(?:bps?|basis[\s-]points?)\b|\d\s?bps?\b/i;
const NUMBER_WORD =
  /\b(?:eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion)(?:s|ths?)?\b/i;

function strangeNumberIn(text: string, facts: Facts): string | null {
  // Other digits (٣, ９, ½, ², Ⅸ) are read as numbers by people, and not by the rule below.
  if (/(?![0-9])[\p{Nd}\p{No}\p{Nl}]/u.test(text)) return 'it has digits of another script';
  if (SMALL_UNIT.test(text)) return 'it has a unit that no fact has';
  if (NUMBER_WORD.test(text) || SMALL_NUMBER.test(text)) return 'it writes a number in words';
  const known = knownNumbers(facts);
  const strange = numbersIn(text).find((number) => !known.some((each) => isWrittenAs(each, number)));
  return strange === undefined ? null : `the number ${strange.text} is not among the facts`;
}

/** One that names no fact may be anything, such as what somebody told the model to say. */
const idle = (text: string, facts: Facts): string | null =>
  numbersIn(text).length === 0 && knownNumbers(facts).length > 0 ? 'it names no number of the facts' : null;

interface KnownNumber {
  readonly value: number;
  readonly percent: boolean;
}

/** Numbers of the facts; shares both in percent and as fractions. */
function knownNumbers(facts: Facts): KnownNumber[] {
  const known: KnownNumber[] = [];
  for (const name of factNames) {
    const value = facts[name];
    if (typeof value !== 'number') continue;
    const percent = factSpecs[name].unit === 'percent';
    known.push({ value: Math.abs(value), percent });
    if (percent) known.push({ value: Math.abs(value) / 100, percent: false });
  }
  return known;
}

/**
 * Equal, or rounded to the digits that are written, as long as two of them count: 63 and 63.2 stand for 63.18, 1.1 for 1.1045; 1 does not stand
 * for 1.4. What is written as percent must be percent.
 */
function isWrittenAs({ value, percent }: KnownNumber, written: WrittenNumber): boolean {
  if (written.percent && !percent) return false;
  if (Math.abs(written.value - value) <= 1e-9 * value) return true;
  const rounded = Number(value.toFixed(Math.min(written.decimals, 20)));
  return written.digits >= 2 && Math.abs(rounded - written.value) <= 1e-9 * value;
}
