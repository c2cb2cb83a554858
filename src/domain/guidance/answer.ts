/** What guidance says, in plain English. */
export interface AnswerText {
  readonly signal: string;
  readonly risk: string;
  readonly action: string;
  readonly journal: string;
}

export const answerParts = ['signal', 'risk', 'action', 'journal'] as const satisfies readonly (keyof AnswerText)[];

/** The JSON Schema that a model answers by. */
export const answerSchema = {
  type: 'object',
  properties: {
    signal: { type: 'string', description: 'What trend, momentum, volatility and session say of the trade' },
    risk: { type: 'string', description: 'Risk, exposure, drawdown and stop against their limits' },
    action: { type: 'string', description: 'What to do next, and why' },
    journal: { type: 'string', description: 'What to write down, with answers to the questions' },
  },
  required: [...answerParts],
  additionalProperties: false,
} as const;

/** Longest of one part, in characters. */
export const LONGEST_PART = 4_000;
