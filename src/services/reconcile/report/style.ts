/** Light and dark, from a phone to a wall. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#14202b;--soft:#566472;--paper:#fbfcfd;--line:#d8dfe6;--good:#0b7a4b;--bad:#b3261e;--a:#1f6feb;--b:#c9730a;--strip:#8fd0b0}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa7b4;--paper:#0e141a;--line:#2b3640;--good:#4cc38a;--bad:#ff8b80;--a:#6cb0ff;--b:#f0a742;--strip:#23563f}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 16px 64px}h1{font-size:1.5rem;margin:0 0 4px}h2{font-size:1.15rem;margin:40px 0 4px}
h2 span{font-weight:400;color:var(--soft)}h2 em{font-style:normal;float:right}.good{color:var(--good)}.bad{color:var(--bad)}
.headline{font-size:1.05rem;margin:0 0 20px}.note,.legend,small{color:var(--soft);font-size:.85rem}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;margin:12px 0}table{border-collapse:collapse;width:100%;font-size:.88rem}
caption{text-align:left;padding:8px 10px;font-weight:600}th,td{text-align:left;padding:6px 10px;border-top:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;white-space:nowrap}.number{text-align:right;font-variant-numeric:tabular-nums}.when{white-space:nowrap}
code{font-size:.8rem;color:var(--soft);user-select:all}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line)}.axis{fill:var(--soft);font-size:12px}path{fill:none;stroke-width:1.5}path.incumbent{stroke:var(--a);stroke-width:3;opacity:.55}path.candidate{stroke:var(--b)}
.mark{stroke:var(--bad);stroke-dasharray:2 3;opacity:.6}.agree{fill:var(--strip)}rect.differ{fill:var(--bad)}
.legend i{display:inline-block;width:14px;height:4px;margin:0 4px 3px 12px;background:var(--a)}.legend i.candidate{background:var(--b)}.legend i.differ{background:var(--bad);height:10px}
details{margin:12px 0}summary{cursor:pointer}`;
