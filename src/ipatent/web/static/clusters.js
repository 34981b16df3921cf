// Clusters: keys inside rows, all rows folded at once, menus that close, titles that come as they are written.
import { say } from "./messages.js";

/** @typedef {{number: number, medoid: string, source: string, title: string, description: string, mark: string, support: string | null, low: boolean, told: string, reason: string}} Written */

const clusters = /** @type {HTMLElement | null} */ (document.querySelector(".clusters"));

/** @param {Element | null | undefined} hit */
function focus(hit) {
  if (!hit) return;
  /** @type {HTMLElement | null} */ (hit.querySelector("a.paper"))?.focus({ preventScroll: true });
  hit.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// Left and right stay inside a row, up and down go to the same place of the next one that is open.
/** @param {KeyboardEvent} event */
function move(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  const row = event.target.closest(".cluster .row");
  if (!row) return;
  const hits = [...row.querySelectorAll(".hit")];
  const hit = event.target.closest(".hit");
  const at = hit ? hits.indexOf(hit) : -1;
  const rows = [...document.querySelectorAll(".cluster[open] .row")];
  const beside = (/** @type {number} */ by) => {
    const other = rows[rows.indexOf(row) + by];
    const found = other?.querySelectorAll(".hit");
    return found?.[Math.min(Math.max(at, 0), found.length - 1)];
  };
  const grid = Boolean(row.closest(".cluster")?.querySelector(".as-grid input:checked"));
  /** @type {Record<string, () => Element | undefined>} */
  const ways = {
    ArrowRight: () => hits[Math.min(at + 1, hits.length - 1)],
    ArrowLeft: () => hits[Math.max(at - 1, 0)],
    Home: () => hits[0],
    End: () => hits[hits.length - 1],
    ArrowDown: () => (grid ? inGrid(hits, at, 1) : undefined) ?? beside(1),
    ArrowUp: () => (grid ? inGrid(hits, at, -1) : undefined) ?? beside(-1),
  };
  if (!(event.key in ways)) return;
  event.preventDefault();
  focus(ways[event.key]());
}

// The hit above or below, where a row is laid out as a grid.
/** @param {Element[]} hits @param {number} at @param {number} by */
function inGrid(hits, at, by) {
  const top = /** @type {HTMLElement} */ (hits[0]).offsetTop;
  const wrapped = hits.findIndex((hit) => /** @type {HTMLElement} */ (hit).offsetTop !== top);
  return wrapped > 0 ? hits[at + by * wrapped] : undefined;
}

function prepareFolding() {
  const button = document.getElementById("fold-all");
  button?.addEventListener("click", () => {
    const fold = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(fold));
    for (const row of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(".cluster"))) {
      row.open = !fold;
    }
  });
}

// The menu of a keyword closes when another place is clicked, and by Escape.
function prepareMenus() {
  const opened = () => /** @type {HTMLDetailsElement | null} */ (document.querySelector(".keyword[open]"));
  document.addEventListener("click", (event) => {
    const menu = opened();
    if (menu && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = opened();
    if (event.key !== "Escape" || !menu) return;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    menu.open = false;
  });
}

/** @param {HTMLElement} row @param {Written} written */
function write(row, written) {
  const mark = row.querySelector(".made");
  if (!mark) return;
  mark.classList.remove("awaited");
  if (written.source !== "generated") {
    if (written.reason) mark.setAttribute("title", `${mark.getAttribute("title") ?? ""} – ${written.reason}`);
    return;
  }
  const title = row.querySelector(".cluster-title");
  row.dataset.extracted ??= title?.textContent ?? "";
  if (title) title.textContent = written.title;
  row
    .querySelector(".row")
    ?.setAttribute("aria-label", say("Figures of cluster %(number)s: %(title)s", { number: written.number, title: written.title }));
  const description = row.querySelector(".cluster-description");
  if (description) description.textContent = written.description;
  mark.textContent = written.support
    ? `${written.mark} · ${say("support %(percent)s", { percent: written.support })}`
    : written.mark;
  mark.classList.add("generated");
  mark.classList.toggle("low", written.low);
  mark.setAttribute("title", written.told);
  const told = document.createElement("p");
  told.className = written.low ? "cluster-support low" : "cluster-support quiet";
  told.textContent = written.low
    ? [say("Low support."), written.told, say("Extracted: %(title)s.", { title: row.dataset.extracted })].join(" ")
    : written.told;
  description?.after(told);
}

// Titles come in the order of the rows. When the stream breaks, those that are there stay.
/** @param {HTMLElement} rows */
function receiveTitles(rows) {
  const line = document.getElementById("titles-said");
  const all = [...rows.querySelectorAll(".cluster:not(.rest)")];
  const stream = new EventSource(rows.dataset.titles ?? "");
  const model = rows.dataset.model ?? "";
  let count = 0;
  let failed = "";
  for (const row of all) row.querySelector(".made")?.classList.add("awaited");
  const tell = (/** @type {string} */ text) => {
    if (!line) return;
    line.hidden = !text;
    line.textContent = text;
  };
  const done = () => {
    stream.close();
    for (const row of all) row.querySelector(".made")?.classList.remove("awaited");
  };
  const again = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = say("Try again");
    button.addEventListener("click", () => receiveTitles(rows));
    line?.append(" ", button);
  };
  tell(say("Titles by %(model)s: %(count)s of %(all)s.", { model, count, all: all.length }));
  stream.addEventListener("title", (event) => {
    const written = /** @type {Written} */ (JSON.parse(event.data));
    const row = /** @type {HTMLElement | undefined} */ (all[written.number - 1]);
    if (row?.dataset.medoid !== written.medoid) {
      done();
      tell(say("The index has changed since: reload the page for titles."));
      return;
    }
    row.querySelector(".cluster-support")?.remove();
    write(row, written);
    count += 1;
    if (written.source !== "generated") failed ||= written.reason;
    tell(say("Titles by %(model)s: %(count)s of %(all)s.", { model, count, all: all.length }));
  });
  stream.addEventListener("end", () => {
    done();
    tell(failed && say("Some titles are extracted: %(reason)s.", { reason: failed }));
    if (failed) again();
  });
  stream.onerror = () => {
    done();
    tell(
      say("The titles broke off after %(count)s of %(all)s; the others are extracted. The page works all the same.", {
        count,
        all: all.length,
      }),
    );
    again();
  };
  addEventListener("pagehide", () => stream.close(), { once: true });
}

if (clusters) {
  clusters.addEventListener("keydown", move);
  prepareFolding();
  prepareMenus();
  if (clusters.dataset.titles) receiveTitles(clusters);
}
