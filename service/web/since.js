// What changed since a day: the ledger of the log-odds, down to single events.

import { get } from "./ask.js";
import { fill, h, notice, say, table } from "./dom.js";
import { dayPlus, event, frequency, interval, percent, plain, reliability } from "./words.js";

const HORIZON = 30;
const MOST_EVENTS = 5;

/** The panel: a day, and the ledger from it to the day the reader stands on. */
export function sincePanel(place, id, found) {
  const asOf = found.as_of.slice(0, 10);
  const month = dayPlus(asOf, -30);
  const day = h("input", { id: "since", type: "date", min: found.days.first, max: asOf, value: month < found.days.first ? found.days.first : month });
  const out = h("div", {});
  const ask = async (submitted) => {
    submitted.preventDefault();
    fill(out, h("p", { class: "wait" }, "Reckoning."));
    try {
      const told = await get(`/v1/truces/${encodeURIComponent(id)}/explanation`, { as_of: found.as_of, since: day.value, horizons: HORIZON });
      fill(out, ledger(told));
      say(`${frequency(told.ledger.horizons[0].p_then)} then, ${frequency(told.ledger.horizons[0].p_now)} on ${found.as_of}.`);
    } catch (refusal) {
      fill(out, notice("The service refused.", `${refusal.message} (${refusal.code})`));
      say(refusal.message);
    }
  };
  fill(place, h("h2", {}, "What changed"), h("form", { class: "filters", onsubmit: ask },
    h("div", {}, h("label", { for: "since" }, "Since"), day), h("button", { type: "submit" }, "Show what changed")), out);
}

function ledger(told) {
  const { since, horizons, model_then: then } = told.ledger;
  const one = horizons[0];
  const rows = one.parts.filter((part) => Math.abs(part.log_odds) > 0.0005).sort((a, b) => Math.abs(b.log_odds) - Math.abs(a.log_odds))
    .map((part) => [plain(part.part), signed(part.log_odds), events(part, told.events)]);
  return [
    h("p", { class: "aid" }, `${percent(one.p_then)} (${frequency(one.p_then)}) on ${since}, ${percent(one.p_now)} (${frequency(one.p_now)}) on ${told.as_of}, both within ${one.days} days: ${signed(one.change)} in log-odds. ${now(told)} Model then: ${then.note}.`),
    rows.length ? table(`Parts of the change since ${since}, in log-odds`, ["part", "change", "events"], rows) : h("p", {}, "Nothing moved."),
  ];
}

function now(told) {
  const one = told.horizons[0];
  return `The 95 % interval on ${told.as_of} is ${interval(one.interval)}; by truce age alone it would be ${percent(one.p_baseline)}. Reliability: ${reliability(told.reliability)}.`;
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

function events(part, known) {
  const named = (part.events ?? []).slice(0, MOST_EVENTS).map((one) => h("li", {}, `${one.change} (${signed(one.log_odds)}): ${known[one.event_id] ? event(known[one.event_id]) : one.event_id}`));
  const more = (part.events ?? []).length - named.length;
  return named.length ? h("ul", {}, named, more > 0 ? h("li", {}, `and ${more} more`) : null) : "none";
}
