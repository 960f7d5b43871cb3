// The page's views by the address after the #, and what all of them share.

import { Refusal, useKey } from "./ask.js";
import { fill, h, notice, say } from "./dom.js";
import { showList } from "./list.js";
import { showModels } from "./models.js";
import { showScoreboard } from "./scoreboard.js";
import { showTruce } from "./truce.js";

const main = document.getElementById("main");
const VIEWS = { list: showList, truce: showTruce, scoreboard: showScoreboard, models: showModels };
let leave = null;

/** `#/truce/ID?as_of=DAY` -> view, id and query. */
function address() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view, id = ""] = path.split("/");
  return { view: view || "list", id: decodeURIComponent(id), query: new URLSearchParams(query) };
}

async function show({ focus = true } = {}) {
  const { view, id, query } = address();
  leave?.abort();
  leave = new AbortController();
  for (const link of document.querySelectorAll("nav a[data-view]")) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  fill(main, h("p", { class: "wait" }, "Loading."));
  if (focus) { // at once: later the reader may be somewhere in the view already
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  try {
    if (!VIEWS[view]) throw new Refusal(404, "not_found", `The page has no view ${view}.`);
    await VIEWS[view](main, { id, query, signal: leave.signal });
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
    tell(trouble);
  }
  const heading = main.querySelector("h1");
  if (heading) document.title = `${heading.textContent} · trucecast`;
}

function tell(trouble) {
  const detail = trouble instanceof Refusal ? `${trouble.message} (${trouble.code})` : `A fault of the page: ${trouble.message}`;
  fill(main, h("h1", {}, "Nothing to show"), notice("The service refused.", detail), trouble.status === 401 ? keyForm() : null);
  say(detail);
}

function keyForm() {
  const field = h("input", { id: "key", type: "password", autocomplete: "off", required: true });
  const given = (submitted) => {
    submitted.preventDefault();
    useKey(field.value);
    show();
  };
  return h("form", { onsubmit: given }, h("label", { for: "key" }, "Key for reading (kept until this tab is closed)"), field,
    h("button", { type: "submit" }, "Use this key"));
}

document.getElementById("skip").addEventListener("click", (clicked) => {
  clicked.preventDefault();
  main.focus();
});
addEventListener("hashchange", () => show());
show({ focus: false });
