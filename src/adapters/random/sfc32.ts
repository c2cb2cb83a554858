import type { Random } from '../../ports/random.ts';

/** The generator sfc32: the same seed gives the same numbers on every machine. */
export function sfc32(seed: string): Random {
  const [a, b, c] = scramble(seed);
  let [x, y, z, counter] = [a, b, c, 1];
  let spare: number | null = null;

  function bits(): number {
    const t = (x + y + counter) | 0;
    counter = (counter + 1) | 0;
    x = y ^ (y >>> 9);
    y = (z + (z << 3)) | 0;
    z = ((z << 21) | (z >>> 11)) + t;
    z |= 0;
    return t >>> 0;
  }
  // The first numbers still show the seed's own bits.
  for (let i = 0; i < 12; i += 1) bits();

  const random: Random = {
    next: () => ((bits() >>> 5) * 67_108_864 + (bits() >>> 6)) / 9_007_199_254_740_992,
    int: (below) => Math.floor(random.next() * below),
    normal() {
      if (spare !== null) {
        const found = spare;
        spare = null;
        return found;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
      const angle = 2 * Math.PI * random.next();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    id: (bytes = 4) => Array.from({ length: bytes }, () => (bits() & 0xff).toString(16).padStart(2, '0')).join(''),
    fork: (name) => sfc32(`${seed}/${name}`),
  };
  return random;
}

/** Three well-mixed words of a text. */
function scramble(text: string): [number, number, number] {
  const words: [number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162];
  for (let i = 0; i < text.length; i += 1)
    for (let w = 0; w < 3; w += 1) {
      words[w] = Math.imul(words[w]! ^ (text.charCodeAt(i) + w), [2654435761, 1597334677, 2246822507][w]!);
      words[w] = (words[w]! << 13) | (words[w]! >>> 19);
    }
  return words;
}
