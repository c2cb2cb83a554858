/** Where the rules change their mind. Lengths are in minutes, shares in percent, the rest in the unit of the fact. */
export const thresholds = {
  /** Of a limit: from here on it is nearly used up. */
  nearLimit: 0.8,
  /** A limit of so much of the equity limits nothing, or was meant otherwise: 1 % is 0.01. */
  questionedLimit: 100,
  /** A limit of so much of the equity is large: perhaps a percentage was given in place of a share. */
  largeLimit: 20,
  /** The risk that the payload states and the one that is computed contradict one another, where they differ by more than this share of the larger. */
  risksApart: 10,
  /** A rate between currencies of more than this age says little of the trade. */
  rateStaleMinutes: 60,
  /** Where the newest bar of the symbol is that much older than the payload, there is no market data for it. */
  marketStaleMinutes: 60,
  trendAdx: 20,
  strongAdx: 25,
  rsiOverbought: 70,
  rsiOversold: 30,
  /** RSI of payload and analysis further apart than this contradict one another. */
  rsiApart: 10,
  stopTightAtr: 1,
  stopWideAtr: 4,
  rewardToRisk: 1.5,
  ripe: 0.6,
  streak: 3,
  coolDownMinutes: 30,
  tradesPerHour: 5,
  tradesPerDay: 20,
  /** A payload of this age or more says little of the market now. */
  staleMinutes: 60,
} as const;
