/** Where the rules change their mind. Lengths are in minutes, shares in percent, the rest in the unit of the fact. */
export const thresholds = {
  /** Of a limit: from here on it is nearly used up. */
  nearLimit: 0.8,
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
