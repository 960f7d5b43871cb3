// What if: hypothetical events on the day the reader stands on, the shift they bring, and how many cases that leans on.

import { post } from "./ask.js";
import { fill, h, notice, say, table } from "./dom.js";
import { frequency, interval, percent, plain, points, reliability } from "./words.js";

const KINDS = {
  reshuffle: { label: "a cabinet reshuffle", event: () => ({ type: "cabinet_change" }) },
  vote: { label: "a vote to withdraw troops", event: () => ({ type: "legislature_vote", topic: "troop_withdrawal" }) },
  threat: { label: "a threat", sides: true, event: () => ({ type: "threaten", modality: "threatened" }) },
  attack: { label: "an attack", sides: true, event: () => ({ type: "assault" }) },
};

/** The panel: a list of supposed events, and what the service makes of them. */
export function scenarioPanel(place, id, found) {
  const asOf = found.as_of.slice(0, 10);
  const sides = [...(found.truce.side_b ?? []), ...(found.truce.side_a ?? [])];
  const pick = (name, first) => h("select", { id: name }, sides.map((side, k) => h("option", { value: side, selected: k === first }, side)));
  const kind = h("select", { id: "kind" }, Object.entries(KINDS).map(([key, { label }]) => h("option", { value: key }, label)));
  const day = h("input", { id: "kind-day", type: "date", max: asOf, value: asOf });
  const actor = pick("actor", 0);
  const target = pick("target", (found.truce.side_b ?? []).length);
  const between = h("div", { class: "pair", hidden: true }, h("div", {}, h("label", { for: "actor" }, "By"), actor), h("div", {}, h("label", { for: "target" }, "Against"), target));
  kind.addEventListener("change", () => { between.hidden = !KINDS[kind.value].sides; });
  const supposed = [];
  const listed = h("ul", { class: "supposed" });
  const out = h("div", {});
  const renew = () => {
    fill(listed, supposed.map((one, k) => h("li", {}, `${KINDS[one.kind].label} on ${one.body.occurred_on}${one.body.actor ? ` by ${one.body.actor}` : ""} `,
      h("button", { type: "button", "aria-label": `Remove ${KINDS[one.kind].label} on ${one.body.occurred_on}`, onclick: () => { supposed.splice(k, 1); renew(); } }, "Remove"))));
    answer(out, id, found, supposed);
  };
  const add = (submitted) => {
    submitted.preventDefault();
    const who = KINDS[kind.value].sides ? { actor: actor.value, target: target.value } : {};
    supposed.push({ kind: kind.value, body: { modality: "actual", ...KINDS[kind.value].event(), ...who, iso3: found.truce.iso3.slice(0, 1), occurred_on: day.value } });
    renew();
  };
  fill(place, h("h2", {}, "What if"), h("form", { class: "filters", onsubmit: add, "aria-label": "Suppose an event" },
    h("div", {}, h("label", { for: "kind" }, "Suppose"), kind), between, h("div", {}, h("label", { for: "kind-day" }, "On"), day),
    h("button", { type: "submit" }, "Add and ask")), listed, out);
}

async function answer(out, id, found, supposed) {
  if (!supposed.length) {
    fill(out);
    return;
  }
  try {
    const told = await post(`/v1/truces/${encodeURIComponent(id)}/scenarios`, { as_of: found.as_of, events: supposed.map((one) => one.body) });
    fill(out, shift(told, found.forecast));
    const month = told.horizons.find((one) => one.days === 30) ?? told.horizons[0];
    say(`With this: ${frequency(month.p_after)} instead of ${frequency(month.p_before)} within ${month.days} days.`);
  } catch (refusal) {
    fill(out, notice("The service refused.", `${refusal.message} (${refusal.code})`));
    say(refusal.message);
  }
}

function shift(told, forecast) {
  const alone = (days) => forecast.horizons.find((one) => one.days === days)?.p_baseline;
  const rows = told.horizons.map((one) => [`${one.days} days`, `${percent(one.p_before)} (${frequency(one.p_before)})`,
    h("span", {}, h("strong", {}, percent(one.p_after)), ` (${frequency(one.p_after)})`), interval(one.interval_after), points(one.p_after - one.p_before),
    alone(one.days) === undefined ? "none" : percent(alone(one.days))]);
  return [table(`With and without, as of ${told.as_of}`, ["within", "as it is", "with it", "95 % interval with it", "shift", "by age alone"], rows),
    h("p", {}, `Reliability of this kind of case: ${reliability(forecast.reliability)}.`),
    told.thin ? notice("Thin support.", "The model has seen few such cases in training: take the shift as a hint at most.") : null,
    h("ul", {}, told.events.map((one) => h("li", {}, support(one)))), h("p", {}, `${told.label}.`)];
}

function support(one) {
  if (!one.support) return `${plain(one.type)}: ${one.note ?? "no record of support"}`;
  const { truces, breaks, rows, column, thin } = one.support;
  return `${plain(one.type)}: leans on ${truces} truces of training that had such events (${breaks} broke; ${rows} rows; ${plain(column)})${thin ? ": thin" : ""}.`;
}
