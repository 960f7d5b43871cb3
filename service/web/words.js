// Chances in words that people read rightly: natural frequencies, intervals, what stands behind them.

/** 8.1 %, and never 0 % for what is merely rare. */
export function percent(p) {
  if (p > 0 && p < 0.001) return "<\u00a00.1\u00a0%";
  return `${(100 * p).toFixed(p < 0.1 ? 1 : 0)}\u00a0%`;
}

/** "6 of 100"; of 1,000 where it is rare. */
export function frequency(p) {
  if (p >= 0.995) return "more than 99 of 100";
  if (p >= 0.0095) return `${Math.round(100 * p)} of 100`;
  if (p >= 0.0005) return `${Math.round(1000 * p)} of 1,000`;
  return "fewer than 1 of 1,000";
}

/** "3 % to 11 %", or that there is none. */
export function interval(bounds) {
  return bounds ? `${percent(bounds[0])} to ${percent(bounds[1])}` : "no interval";
}

/** A difference of chances, in points: "+1.2 points". */
export function points(change) {
  if (Math.abs(change) < 0.0005) return "no change";
  return `${change > 0 ? "+" : "−"}${Math.abs(100 * change).toFixed(1)} points`;
}

const CLASSES = {
  tested: "tested: the backtest has enough cases of this kind",
  thin: "thin: the backtest has few cases of this kind",
  untested: "untested: the backtest has next to no cases of this kind",
};

/** The reliability class with the cases behind it. */
export function reliability(record) {
  if (!record) return "no record";
  return `${CLASSES[record.class] ?? record.class} (${record.n} truces, ${record.breaks} broke)`;
}

/** One sentence with all that a reader needs beside a chance. */
export function aid(horizon, record, asOf) {
  const spread = horizon.interval ? `, 95 % interval ${interval(horizon.interval)}` : "";
  return `About ${frequency(horizon.p_breakdown)} such truces break down within ${horizon.days} days${spread}. ` +
    `By truce age alone it would be ${frequency(horizon.p_baseline)}. Reliability: ${reliability(record)}. As of ${asOf}.`;
}

/** "Kataib Hezbollah, Harakat al-Nujaba" */
export function names(list) {
  return list && list.length ? list.join(", ") : "not said";
}

/** A code as words: cabinet_changes_country_30 -> "cabinet changes country 30". */
export function plain(code) {
  return code.replaceAll("_", " ");
}

/** What happened, who, and who says so. */
export function event(one) {
  if (one.withheld) return `an event that is not passed on: ${one.withheld}`;
  const who = [one.actor, one.target].filter(Boolean).join(" → ");
  return `${one.occurred_on}: ${plain(one.type)}${one.topic ? ` (${plain(one.topic)})` : ""}${who ? `, ${who}` : ""}; source: ${one.source}`;
}

/** A day so many days from another, both as yyyy-mm-dd. */
export function dayPlus(day, days) {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** Whole days from one day to another. */
export function daysBetween(first, last) {
  return Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000);
}

/** A moment to the minute: 2023-12-31, or 2023-12-31 12:00 UTC. */
export function when(moment) {
  return moment.length > 10 ? `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC` : moment;
}
