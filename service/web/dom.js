// Elements, without a framework.

/** An element; `attrs` are attributes, `on…` listeners; null and false are left out, in attributes and children alike. */
export function h(tag, attrs = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Puts children in place of all that an element holds. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return place;
}

/** Says something to those who listen to the page. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** A table with a caption, in a region that can be scrolled by keyboard; a cell is text, an element or a list of both. */
export function table(caption, columns, rows, { hidden = false, key = "" } = {}) {
  const head = h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)));
  const body = rows.map((row) => h("tr", {}, row.map((cell, k) => h(k ? "td" : "th", k ? {} : { scope: "row" }, cell))));
  return h("div", { class: `scroll ${key}`.trim(), tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: hidden ? "unseen" : null }, caption), h("thead", {}, head), h("tbody", {}, body)));
}

/** A box that says why something is not there. */
export function notice(title, ...text) {
  return h("div", { class: "notice" }, h("p", {}, h("strong", {}, title)), text.map((part) => (typeof part === "string" ? h("p", {}, part) : part)));
}
