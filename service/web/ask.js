// Asking the service. A refusal comes as an error that carries the service's own words.

const KEY = "trucecast-key";

export class Refusal extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** Keeps a key for services whose reading is closed, until the tab is closed. */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

async function answered(path, options) {
  const key = sessionStorage.getItem(KEY);
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch (trouble) {
    if (trouble.name === "AbortError") throw trouble;
    throw new Refusal(0, "unreachable", "The service cannot be reached. Is it running?");
  }
  const body = await answer.json();
  if (!answer.ok) throw new Refusal(answer.status, body.code ?? "error", body.detail ?? answer.statusText);
  return body;
}

/** JSON of a path, with those of the query that are set. */
export function get(path, query = {}, signal = undefined) {
  const set = Object.entries(query).filter(([, value]) => value);
  return answered(path + (set.length ? `?${new URLSearchParams(set)}` : ""), { signal });
}

/** JSON that comes back for JSON that is sent. */
export function post(path, body) {
  return answered(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
}
