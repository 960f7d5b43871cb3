// The day on which the reader stands: a slider, a date field and steps, which always agree.

import { h } from "./dom.js";
import { dayPlus, daysBetween } from "./words.js";

const PAUSE_MS = 250;

/** The control. `moved(day)` is called when the reader has come to rest on another day. */
export function slider(days, day, moved) {
  const most = Math.max(daysBetween(days.first, days.last), 0);
  const range = h("input", { id: "stand", type: "range", min: "0", max: String(most), step: "1", value: String(daysBetween(days.first, day)) });
  const date = h("input", { id: "stand-date", type: "date", min: days.first, max: days.last, value: day });
  let pause = null;
  const at = () => dayPlus(days.first, Number(range.value));
  const tell = () => range.setAttribute("aria-valuetext", `${at()}, day ${Number(range.value) + 1} of the truce`);
  const rest = () => {
    tell();
    date.value = at();
    clearTimeout(pause);
    pause = setTimeout(() => moved(at()), PAUSE_MS);
  };
  const step = (by) => h("button", { type: "button", onclick: () => {
    range.value = String(Math.min(most, Math.max(0, Number(range.value) + by)));
    rest();
  } }, by > 0 ? `${by} days later` : `${-by} days earlier`);
  range.addEventListener("input", rest);
  date.addEventListener("change", () => {
    if (!date.value) return;
    range.value = String(Math.min(most, Math.max(0, daysBetween(days.first, date.value))));
    rest();
  });
  tell();
  return h("form", { class: "stand", "aria-label": "Stand on a day", onsubmit: (e) => e.preventDefault() },
    h("div", { class: "wide" }, h("label", { for: "stand" }, `As of: any day from ${days.first} to ${days.last}`), range),
    h("div", {}, h("label", { for: "stand-date" }, "Day"), date), step(-7), step(7));
}
