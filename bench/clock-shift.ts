// Loaded before a program (`node --import`): its clock is BENCH_SHIFT_MS behind the machine's, so that a program that is started
// after it without this seems to have been stopped for as long.
const shift = Number(process.env.BENCH_SHIFT_MS ?? 0);
const now = Date.now; // ambient-ok: it is what is shifted
Date.now = () => now() - shift; // ambient-ok: it is what is shifted
