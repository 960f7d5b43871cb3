// Truces in force by their risk, with filters, and those of which nothing is said.

import { get } from "./ask.js";
import { fill, h, notice, say } from "./dom.js";
import { draw } from "./draw.js";
import { aid, frequency, interval, names, percent, points, reliability, when } from "./words.js";

const POLL_MS = 700;

/** The view: waits for chances that are still being reckoned, showing the truces meanwhile. */
export async function showList(main, { query, signal }) {
  const asOf = query.get("as_of") ?? "";
  const found = await get("/web/truces", { as_of: asOf }, signal);
  const view = frame(asOf, found);
  fill(main, view.parts);
  view.show(found);
  if (found.pending) follow(view, asOf, signal);
}

async function follow(view, asOf, signal) {
  for (;;) {
    await new Promise((done) => setTimeout(done, POLL_MS));
    if (signal.aborted) return;
    const found = await get("/web/truces", { as_of: asOf }, signal);
    if (found.pending) continue;
    view.show(found);
    return;
  }
}

/** What stays while rows come and go: heading, as-of form, filters, and places for the rest. */
function frame(asOf, first) {
  const country = h("select", { id: "country" }, h("option", { value: "" }, "all countries"));
  const party = h("input", { id: "party", type: "search", placeholder: "a side or the truce's name" });
  const places = { lead: h("div"), table: h("div"), refused: h("div"), map: h("div"), foot: h("div", { class: "foot" }) };
  let found = first;
  const renew = () => rows(places, found, country.value, party.value.trim().toLowerCase());
  country.addEventListener("change", renew);
  party.addEventListener("input", renew);
  const filters = h("form", { class: "filters", role: "search", "aria-label": "Filter truces", onsubmit: (e) => e.preventDefault() },
    h("div", {}, h("label", { for: "country" }, "Country"), country), h("div", {}, h("label", { for: "party" }, "Party"), party));
  const show = (next) => {
    found = next;
    countries(country, [...next.truces, ...next.refused]);
    lead(places.lead, next);
    renew();
    world(places.map, next);
    fill(places.foot, (next.attribution ?? []).map((one) => h("p", {}, one)));
  };
  return { show, parts: [h("h1", {}, "Truces in force, by risk"), standAt(asOf), places.lead, places.map, filters, places.table, places.refused, places.foot] };
}

function standAt(asOf) {
  const day = h("input", { id: "as-of", type: "date", value: asOf, max: new Date().toISOString().slice(0, 10) });
  const go = (submitted) => {
    submitted.preventDefault();
    location.hash = day.value ? `#/?as_of=${day.value}` : "#/";
  };
  return h("form", { class: "filters", onsubmit: go, "aria-label": "Choose the day" }, h("div", {}, h("label", { for: "as-of" }, "As of (empty: now)"), day),
    h("button", { type: "submit" }, "Stand on this day"));
}

function countries(select, rows) {
  const named = new Map(rows.flatMap((row) => row.iso3.map((iso3, k) => [iso3, row.countries[k]])));
  const chosen = select.value;
  const sorted = [...named].sort((a, b) => a[1].localeCompare(b[1]));
  fill(select, h("option", { value: "" }, "all countries"), sorted.map(([iso3, name]) => h("option", { value: iso3 }, name)));
  select.value = named.has(chosen) ? chosen : "";
}

function lead(place, found) {
  const { model } = found;
  if (found.pending) {
    fill(place, h("p", { class: "wait" }, `As of ${when(found.as_of)}. The chances are being reckoned; the truces are here already, by name.`));
    return;
  }
  const first = found.truces[0];
  const silent = found.refused.find((one) => one.code === "stale");
  const latest = (found.sources ?? []).map((one) => one.last_known_at.slice(0, 10)).sort().at(-1);
  fill(place,
    h("p", {}, `As of ${when(found.as_of)}; by ${model.family}, version ${model.version}, trained to ${model.trained_to}, under the rule ${found.rule}.`,
      found.hindcast ? " The model has seen later days: these are hindcasts." : ""),
    first ? h("p", { class: "aid" }, `Riskiest: ${first.name}. ${aid(first.horizon, first.reliability, when(found.as_of))}`) : null,
    silent ? notice("No forecasts for now.", silent.detail,
      latest ? h("p", {}, h("a", { class: "button", href: `#/?as_of=${latest}` }, `Show the list as of ${latest}, the last day with news`)) : null) : null);
}

function rows(places, found, iso3, words) {
  const fits = (row) => (!iso3 || row.iso3.includes(iso3)) &&
    (!words || [row.name, row.truce_id, ...(row.side_a ?? []), ...(row.side_b ?? [])].join(" ").toLowerCase().includes(words));
  const chosen = found.truces.filter(fits);
  const refused = found.refused.filter(fits);
  const query = location.hash.includes("?") ? `?${location.hash.split("?")[1]}` : "";
  fill(places.table, chosen.length ? ranked(chosen, found, query) : h("p", {}, found.truces.length ? "No truce fits the filter." : "No truce has a forecast."));
  fill(places.refused, refused.length ? refusals(refused, query) : null);
  say(`${chosen.length} truces with a forecast, ${refused.length} without.`);
}

function ranked(chosen, found, query) {
  const columns = ["Truce", "Country", "Parties", "Age", `Breaks within ${found.days} days`, "By age alone", "Since last week", "Reliability"];
  const cell = (k, ...inside) => h("td", { role: "cell", "data-label": columns[k] }, h("span", {}, ...inside));
  const line = (row) => h("tr", { role: "row" },
    h("th", { scope: "row", role: "rowheader" }, h("a", { href: `#/truce/${encodeURIComponent(row.truce_id)}${query}` }, row.name)),
    cell(1, names(row.countries)), cell(2, `${names(row.side_a)} / ${names(row.side_b)}`),
    row.horizon ? chances(row, cell) : cell(3, "reckoning"));
  return h("div", { class: "scroll list", tabindex: "0", role: "region", "aria-label": "Truces in force" },
    h("table", { role: "table" }, h("caption", {}, `${chosen.length} truces, the riskiest first`),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map((name) => h("th", { scope: "col", role: "columnheader" }, name)))),
      h("tbody", { role: "rowgroup" }, chosen.map(line))));
}

function chances(row, cell) {
  const p = row.horizon.p_breakdown;
  return [cell(3, `${row.age_days} days`),
    cell(4, h("strong", {}, percent(p)), h("br"), frequency(p), h("br"), h("small", {}, interval(row.horizon.interval))),
    cell(5, percent(row.horizon.p_baseline)),
    cell(6, row.change === null ? h("abbr", { title: row.change_note ?? "" }, "new") : points(row.change)),
    cell(7, h("abbr", { title: reliability(row.reliability) }, row.reliability?.class ?? "none"), ` (${row.reliability?.n ?? 0})`)];
}

function refusals(refused, query) {
  const why = (row) => h("li", {}, h("a", { href: `#/truce/${encodeURIComponent(row.truce_id)}${query}` }, row.name),
    row.code === "stale" ? ": as above" : `: ${row.detail}`, ` (${row.code})`);
  return [h("h2", {}, `Without a forecast (${refused.length})`), h("ul", { class: "refused" }, refused.map(why))];
}

async function world(place, found) {
  if (!found.map) return;
  await draw(place, found.map, "The map");
}
