import { legs } from './chart-legs.ts';

// An accumulation between 134 (selling climax) and 150 (automatic rally), piece by piece, and the whole up to the end of each phase. For tests.
export const decline = legs(200, [{ to: 150, bars: 50 }]);
export const PS = [[150, 150, 147, 148.6, 140]];
export const sinking = legs(148.6, [{ to: 140, bars: 9 }]);
export const SC = [[140, 140, 134, 137, 400]];
export const AR = legs(137, [{ to: 150, bars: 8 }]);
export const ST = legs(150, [{ to: 136, bars: 10, volume: 80 }]);
export const cause = legs(136, [
  { to: 147, bars: 10, volume: 80 },
  { to: 140, bars: 10, volume: 80 },
  { to: 147, bars: 10, volume: 80 },
  { to: 135, bars: 8, volume: 80 },
]);
export const SPRING = [[135, 135.5, 132.5, 134.6, 150]];
export const TEST = legs(134.6, [
  { to: 140, bars: 4, volume: 80 },
  { to: 136, bars: 4, volume: 60 },
]);
export const toTop = legs(136, [{ to: 149, bars: 8, volume: 90 }]);
export const SOS = [[149, 154, 149, 153.5, 250]];
export const LPS = legs(153.5, [{ to: 148, bars: 4, volume: 50 }]);
export const markup = legs(148, [{ to: 158, bars: 8, volume: 90 }]);

export const climax = [...decline, ...PS, ...sinking, ...SC];
export const phaseA = [...climax, ...AR];
export const phaseB = [...phaseA, ...ST, ...cause];
export const phaseC = [...phaseB, ...SPRING, ...TEST];
export const phaseD = [...phaseC, ...toTop, ...SOS];
export const all = [...phaseD, ...LPS, ...markup];
export const early = [...phaseA, ...legs(150, [{ to: 135, bars: 8, volume: 80 }])];
