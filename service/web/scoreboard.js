// How right the service has been: the funnel, reliability, skill, and the misses by name.

import { get } from "./ask.js";
import { fill, h, notice, table } from "./dom.js";
import { draw } from "./draw.js";
import { frequency, percent, when } from "./words.js";

const MOST_MISSES = 100;

/** The view. */
export async function showScoreboard(main, { signal }) {
  const { board, charts } = await get("/web/scoreboard", {}, signal);
  const scored = board.horizons.reduce((sum, row) => sum + row.scored, 0);
  const reliability = h("div", { class: "chart" });
  const skill = h("div", { class: "chart" });
  fill(main, h("h1", {}, "Scoreboard"), h("p", {}, `As of ${when(board.as_of)}. ${board.note}`),
    scored ? null : notice("Nothing is scored yet.", "A forecast is scored when its horizon has passed, never earlier; hindcasts and replays never are. What the backtest says stands under Models."),
    h("h2", {}, "The funnel"), funnel(board), h("h2", {}, "Reliability"), reliability, h("h2", {}, "Skill by horizon"), skill,
    scores(board), h("h2", {}, "Misses"), misses(board));
  await draw(reliability, charts.reliability, "Reliability");
  await draw(skill, charts.skill, "Skill by horizon");
}

function funnel(board) {
  const steps = ["issued", "matured", "resolved", "void", "scored"];
  const rows = board.horizons.map((row) => [`${row.days} days`, ...steps.map((step) => String(row[step]))]);
  const { issued, replay, hindcast } = board.archive;
  return [table("From issued to scored, by horizon", ["horizon", ...steps], rows),
    h("p", {}, `The archive holds ${issued} issued forecasts, ${replay} replays and ${hindcast} hindcasts.`)];
}

function scores(board) {
  const number = (value) => (value === null ? "none" : value.toFixed(4));
  const rows = board.horizons.map(({ days, latest }) => [`${days} days`, String(latest.n), String(latest.truces), String(latest.breaks),
    number(latest.brier), number(latest.brier_baseline), number(latest.skill), latest.skill_ci ? latest.skill_ci.map(number).join(" to ") : "", number(latest.log_score), number(latest.observed_expected), latest.reason ?? ""]);
  return table("Scores against the latest outcomes", ["horizon", "forecasts", "truces", "broke", "Brier", "Brier of age alone", "skill", "its 95 %", "log score", "observed / expected", "remark"], rows);
}

function misses(board) {
  if (!board.misses.length) return h("p", {}, "There is none among the forecasts scored so far.");
  const link = (miss) => h("a", { href: `#/truce/${encodeURIComponent(miss.truce_id)}?as_of=${miss.as_of.slice(0, 10)}` }, miss.truce_id);
  const rows = board.misses.slice(0, MOST_MISSES).map((miss) => [link(miss), when(miss.as_of), `${miss.days} days`,
    `${percent(miss.p_breakdown)} (${frequency(miss.p_breakdown)})`, percent(miss.p_baseline), miss.outcome, miss.log_score.toFixed(2)]);
  return [table(`The ${rows.length} worst of ${board.misses.length}`, ["truce", "as of", "within", "forecast", "by age alone", "outcome", "log score"], rows)];
}
