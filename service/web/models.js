// Which model answers, how its kinds of case fared, which others there are, and where MLflow shows the runs.

import { get } from "./ask.js";
import { fill, h, notice, table } from "./dom.js";
import { draw } from "./draw.js";
import { when } from "./words.js";

/** The view. */
export async function showModels(main, { signal }) {
  const found = await get("/web/models", {}, signal);
  const { model, aliases } = found;
  const chart = h("div", { class: "chart" });
  fill(main, h("h1", {}, "Models"),
    h("p", { class: "big" }, h("strong", {}, model.family), ` version ${model.version} answers`),
    h("p", {}, `Trained to ${model.trained_to}, under the rule ${model.rule}, published ${when(model.published_at)}. `,
      aliases.champion ? "It is the champion." : "No model has been promoted: the reference model that ships with the project answers."),
    found.trouble ? notice("The last look for a newer champion failed.", found.trouble) : null,
    mlflow(found), h("h2", {}, "How its kinds of case fared in the backtest"), chart,
    h("h2", {}, "Published models"), published(found));
  await draw(chart, found.backtest, "The record of the backtest");
}

function mlflow({ model, mlflow: base, experiment }) {
  const run = model.run_id ? [h("a", { href: `${base}/#/runs/${model.run_id}`, rel: "noreferrer" }, "the run of this model in MLflow"), ", "] : [];
  return h("p", {}, "See ", run, h("a", { href: `${base}/#/experiments`, rel: "noreferrer" }, `the experiments in MLflow (ours is ${experiment})`),
    `. MLflow must be running there: trucecast mlflow.`);
}

function published({ models, aliases }) {
  const roles = (version) => Object.entries(aliases).filter(([, at]) => at === version).map(([alias]) => alias).join(", ") || "none";
  const rows = models.map((one) => [`${one.version}`, one.family, roles(one.version), one.rule, one.trained_to, when(one.published_at), one.run_id ?? "none"]);
  return table("Every published model, oldest first", ["version", "family", "alias", "rule", "trained to", "published", "MLflow run"], rows);
}
