// Charts: specifications that the service makes, drawn by Vega without evaluating code, each with its words and its table.

import { fill, h, notice, table } from "./dom.js";

const VENDOR = ["vega.min.js", "vega-lite.min.js", "vega-embed.min.js"];
const NARROWEST = 220;
let loading = null;

function script(name) {
  return new Promise((done, failed) => {
    const tag = h("script", { src: `/page/vendor/${name}`, onload: () => done(), onerror: () => failed(new Error(`${name} did not load`)) });
    document.head.append(tag);
  });
}

/** Vega, fetched when the first chart is drawn. */
function vega() {
  loading ??= VENDOR.reduce((before, name) => before.then(() => script(name)), Promise.resolve());
  return loading;
}

/** The specification in the width of the page: panels that stand side by side go below each other where they must. */
function fitted(spec, width) {
  const made = structuredClone(spec);
  if (typeof made.width === "number") made.width = Math.max(NARROWEST, Math.min(made.width, width - 90));
  if (made.hconcat) {
    made.concat = made.hconcat;
    delete made.hconcat;
    made.columns = Math.max(1, Math.floor(width / 220));
  }
  return made;
}

/** Draws a chart of the service into a place: the picture, its description, its figures as a table; or why there is none. */
export async function draw(place, chart, heading) {
  if (chart.refused) {
    fill(place, notice(`${heading} cannot be drawn.`, `${chart.refused.detail} (${chart.refused.code})`));
    return;
  }
  const { spec, table: figures } = chart;
  const plot = h("div", { class: "plot", role: "img", "aria-label": `${spec.title.text}. ${spec.description}` });
  const rows = table(`Figures: ${spec.title.text}`, figures.columns, figures.rows, { hidden: true });
  const figure = h("figure", {}, plot, h("figcaption", {}, spec.description),
    h("details", {}, h("summary", {}, "The figures as a table"), rows));
  fill(place, figure);
  await vega();
  const width = place.clientWidth || 600;
  await window.vegaEmbed(plot, fitted(spec, width), {
    mode: "vega-lite", renderer: "svg", ast: true, actions: false, defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
  });
  plot.querySelector("svg").setAttribute("aria-hidden", "true"); // its words stand on the plot, its figures in the table
  plot.dataset.drawn = "true";
}
