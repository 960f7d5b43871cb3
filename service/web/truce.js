// One truce: its forecast on a day that anyone may choose, the course of its risk, and what stands behind it.

import { get } from "./ask.js";
import { fill, h, notice, say, table } from "./dom.js";
import { draw } from "./draw.js";
import { scenarioPanel } from "./scenario.js";
import { sincePanel } from "./since.js";
import { slider } from "./slider.js";
import { aid, event, frequency, interval, names, percent, plain, reliability, when } from "./words.js";

const HEADLINE = 30;

/** The view: the parts stay, what they hold moves with the day. */
export async function showTruce(main, { id, query, signal }) {
  const path = `/web/truces/${encodeURIComponent(id)}`;
  const first = await get(path, { as_of: query.get("as_of") ?? "" }, signal);
  const places = Object.fromEntries(["said", "curve", "course", "drivers", "since", "what_if", "later", "foot"].map((name) => [name, h("section", {})]));
  let turn = null;
  const at = async (day) => {
    turn?.abort();
    turn = new AbortController();
    signal.addEventListener("abort", () => turn.abort());
    try {
      const found = day === null ? first : await get(path, { as_of: day }, turn.signal);
      if (day !== null) history.replaceState(null, "", `#/truce/${encodeURIComponent(id)}?as_of=${day}`);
      await told(places, id, found, turn.signal);
    } catch (trouble) {
      if (trouble.name !== "AbortError") fill(places.said, notice("The service refused.", trouble.message));
    }
  };
  const day = standing(first);
  const { said: headline, ...rest } = places;
  fill(main, h("h1", {}, first.truce.name), slider(first.days, day, at), headline, facts(first.truce), Object.values(rest));
  const stale = first.refusal && query.get("as_of") === null && first.days.last < first.as_of.slice(0, 10);
  await at(stale ? day : null);
}

/** The day the slider starts on: the one asked for, within the truce's own days. */
function standing(found) {
  const asked = found.as_of.slice(0, 10);
  return asked > found.days.last ? found.days.last : asked < found.days.first ? found.days.first : asked;
}

function facts(truce) {
  const pairs = [
    ["Where", names(truce.countries)], ["Side A", names(truce.side_a)], ["Side B", names(truce.side_b)],
    ["In effect since", truce.effective_date], ["Form", [truce.form, truce.sidedness].filter(Boolean).map(plain).join(", ")],
    ["Scheduled end", truce.scheduled_end ?? "none"], ["Mediator", names(truce.mediator)], ["Conditions", names(truce.conditions)],
  ];
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    truce.withheld ? h("div", {}, h("dt", {}, "Not passed on"), h("dd", {}, truce.withheld)) : null);
}

async function told(places, id, found, signal) {
  said(places.said, found);
  later(places.later, found);
  const { forecast } = found;
  for (const name of ["curve", "drivers", "since", "what_if", "foot"]) if (!forecast) fill(places[name]);
  const course = courseOf(places.course, id, found, signal);
  if (forecast) {
    drivers(places.drivers, found);
    sincePanel(places.since, id, found);
    scenarioPanel(places.what_if, id, found);
    foot(places.foot, forecast);
    await section(places.curve, "Chance of breakdown by horizon", found.charts.incidence);
  }
  await course;
}

async function section(place, heading, chart, ...more) {
  const plot = place.querySelector(".chart") ?? h("div", { class: "chart" });
  fill(place, h("h2", {}, heading), plot, more);
  await draw(plot, chart, heading);
}

function said(place, found) {
  const { forecast, refusal } = found;
  if (refusal) {
    fill(place, notice(`No forecast as of ${when(found.as_of)}.`, `${refusal.detail} (${refusal.code})`));
    say(`No forecast as of ${when(found.as_of)}: ${refusal.detail}`);
    return;
  }
  const month = forecast.horizons.find((one) => one.days === HEADLINE) ?? forecast.horizons[0];
  fill(place, h("p", { class: "big" }, h("strong", {}, percent(month.p_breakdown)), ` within ${month.days} days: ${frequency(month.p_breakdown)} such truces`),
    h("p", { class: "aid" }, aid(month, forecast.reliability, when(forecast.as_of))),
    forecast.hindcast ? h("p", {}, `A hindcast: the model was trained to ${forecast.model.trained_to}, and has seen later days.`) : null,
    ends(forecast));
  say(`As of ${when(forecast.as_of)}: ${frequency(month.p_breakdown)} such truces break down within ${month.days} days.`);
}

function ends(forecast) {
  const rows = forecast.horizons.map((one) => [`${one.days} days`, h("span", {}, h("strong", {}, percent(one.p_breakdown)), ` (${frequency(one.p_breakdown)})`),
    interval(one.interval), percent(one.p_baseline), percent(one.p_expired), percent(one.p_superseded), percent(one.p_holds)]);
  return table(`How it may end, as of ${when(forecast.as_of)}`, ["within", "breaks down", "95 % interval", "by age alone", "expires", "is superseded", "holds"], rows);
}

async function courseOf(place, id, found, signal) {
  if (!place.firstChild) fill(place, h("h2", {}, "Risk over time"), h("p", { class: "wait" }, "Reckoning the course."));
  const course = await get(`/web/truces/${encodeURIComponent(id)}/course`, { as_of: found.as_of }, signal);
  const { events, gaps } = course;
  await section(place, "Risk over time", course.chart,
    h("p", {}, `Each point says what would have been said on that day, from what was known then. ${marked(events)}`),
    gaps.length ? h("p", {}, `${gaps.length} points have no forecast; the last because: ${gaps.at(-1).detail}`) : null);
}

const SCOPES = { sides: "between its sides", by_side: "by a side", on_side: "on a side", patron: "of a side's patrons", country: "in its country" };

function marked({ scopes, shown, total, case: sourced }) {
  const told = sourced ? ` ${sourced} sourced events of the founding case are marked too (source case:…); no forecast uses them.` : "";
  if (!shown) return `No event that the model counts bears on the truce since it began.${told}`;
  const left = total - shown;
  return `Marked are ${shown} events (${scopes.map((one) => SCOPES[one] ?? one).join(", ")}); point at one, or open the table, for what, who and source.` +
    (left > 0 ? ` ${left} more that bear on the truce less closely, or earlier, are not drawn.` : "") + told;
}

function drivers(place, found) {
  const { forecast } = found;
  const because = (driver) => driver.events.map((one) => found.events[one.event_id]).filter(Boolean).map((one) => h("li", {}, event(one)));
  const rows = (forecast.drivers ?? []).map((driver) => h("li", {}, h("strong", {}, plain(driver.feature)),
    ` ${driver.log_odds > 0 ? "raises" : "lowers"} the log-odds by ${Math.abs(driver.log_odds).toFixed(2)}`,
    driver.events.length ? h("details", {}, h("summary", {}, `${driver.events.length} events behind it`), h("ul", {}, because(driver))) : null));
  section(place, "Drivers", found.charts.drivers, h("ul", { class: "drivers" }, rows),
    h("p", {}, "Parts go along with breakdowns in the past; they are not causes."));
}

function later(place, found) {
  if (!found.since_then) {
    fill(place);
    return;
  }
  const { outcome, end_date: end } = found.since_then;
  fill(place, h("h2", {}, "What happened since"), h("details", {}, h("summary", {}, `What was not known on ${when(found.as_of)}`),
    h("p", {}, `The truce ${outcome === "broke" ? "broke down" : outcome} on ${end}, ${daysAfter(found.as_of, end)} days later.`)));
}

function daysAfter(moment, end) {
  return Math.round((Date.parse(end) - Date.parse(moment.slice(0, 10))) / 86_400_000);
}

function foot(place, forecast) {
  const { model } = forecast;
  fill(place, h("h2", {}, "Where this comes from"),
    h("p", {}, `${model.family}, version ${model.version}, trained to ${model.trained_to}, under the rule ${forecast.rule}. Reliability: ${reliability(forecast.reliability)}. Not archived: the page only looks.`),
    h("ul", {}, forecast.sources.map((one) => h("li", {}, `${one.name}: latest news of ${one.last_known_at}, ${one.age_days} days before${one.stale ? " (stale)" : ""}`))),
    h("p", {}, forecast.attribution.join("; ")));
}
