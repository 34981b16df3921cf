// The map of results: its places, colours and picks. What is drawn stands in the table below it.
import { say, sayCount } from "./messages.js";
import { createPlot, hasDepth } from "./map_plot.js";

/**
 * A figure on the map.
 * @typedef {object} Point
 * @property {number[]} at by principal components, three numbers
 * @property {number[]} values place in each legend
 * @property {HTMLTableRowElement} row
 * @property {HTMLInputElement} box
 * @property {string} href
 * @property {string} thumbnail
 */

const MOST_MOVING = 2000; // points that are moved before one's eyes from one layout to the other
const MOVING_MS = 700;

const map = /** @type {HTMLElement | null} */ (document.getElementById("map"));
if (map?.dataset.plotly) prepare(map);
document.getElementById("map-of")?.addEventListener("change", (event) => {
  /** @type {HTMLSelectElement} */ (event.target).form?.requestSubmit();
});

/** @param {HTMLElement} map */
async function prepare(map) {
  const said = /** @type {HTMLElement} */ (document.getElementById("map-said"));
  const card = /** @type {HTMLElement} */ (document.getElementById("map-card"));
  const form = /** @type {HTMLFormElement} */ (document.getElementById("map-picked"));
  const points = readPoints();
  const asked = { dims: Number(map.dataset.dims), by: map.dataset.by ?? "", project: map.dataset.project ?? "" };
  /** @type {Map<string, number[][]>} */
  const places = new Map([["pca", points.map((point) => point.at)]]);
  let shownAt = places.get("pca") ?? [];
  let moving = 0;
  let wanted = 0;

  const legends = /** @type {HTMLElement[]} */ ([...map.querySelectorAll("[data-legend]")]);
  const legend = () => /** @type {HTMLElement} */ (legends.find((one) => one.dataset.legend === asked.by));
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...legend().querySelectorAll("[data-value]")]);
  const property = () => legends.indexOf(legend());
  const isShown = () => {
    const shown = boxes().map((box) => box.checked);
    return points.map((point) => shown[point.values[property()]]);
  };

  if (asked.dims === 3 && !hasDepth()) {
    asked.dims = 2;
    tellFlat();
    markChoice();
  }

  /** @type {Awaited<ReturnType<typeof createPlot>>} */
  let plot;
  try {
    plot = await createPlot(map, {
      hover: showCard,
      open: (at, event) => {
        const { href } = points[at];
        if (event?.ctrlKey || event?.metaKey || event?.button === 1) window.open(href, "_blank", "noopener");
        else location.assign(href);
      },
      pick: (picked, adds) => {
        const chosen = new Set(picked);
        points.forEach((point, at) => (point.box.checked = chosen.has(at) || (adds && point.box.checked)));
        markPicked();
      },
    });
  } catch {
    said.textContent = say("The map could not be drawn. The table below shows the same figures.");
    const table = document.getElementById("map-table");
    if (table instanceof HTMLDetailsElement) table.open = true;
    return;
  }

  /** @param {boolean} [fit] */
  function draw(fit = false) {
    const shown = isShown();
    points.forEach((point, at) => (point.row.hidden = !shown[at]));
    const looks = boxes().map((box) => {
      const swatch = /** @type {Element} */ (box.parentElement?.querySelector(".swatch"));
      return { symbol: box.dataset.symbol ?? "circle", colour: getComputedStyle(swatch).color };
    });
    plot.draw({
      dims: asked.dims,
      at: shownAt,
      look: points.map((point) => point.values[property()]),
      looks,
      shown,
      picked: points.map((point) => point.box.checked),
      thumbnails: points.map((point) => point.thumbnail),
      fit,
    });
  }

  function markChoice() {
    for (const link of /** @type {NodeListOf<HTMLElement>} */ (map.querySelectorAll("[data-set]"))) {
      const now = String(asked[/** @type {"dims" | "by" | "project"} */ (link.dataset.set)]);
      if (link.dataset.to === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const one of legends) one.hidden = one.dataset.legend !== asked.by;
    map.classList.toggle("deep", asked.dims === 3);
  }

  const key = () => (asked.project === "pca" ? "pca" : `neighbours ${asked.dims}`);

  // Lays the points out as asked; what has to be computed is fetched first, and the old places stay till then.
  async function layOut() {
    const mine = ++wanted;
    if (!places.has(key())) {
      said.textContent = say("Laying out neighbours…");
      const name = key();
      try {
        const address = new URL(map.dataset.places ?? "", location.href);
        address.searchParams.set("dims", String(asked.dims));
        address.searchParams.set("project", "neighbours");
        const answer = await fetch(address);
        const told = await answer.json();
        if (!answer.ok) throw new Error(`${told.error} ${told.advice ?? ""}`.trim());
        if (told.ids.length !== points.length) throw new Error(say("The index has changed. Load the page again."));
        places.set(name, told.at);
      } catch (error) {
        if (mine !== wanted) return;
        const why = error instanceof TypeError ? say("The server does not answer.") : error.message;
        said.textContent = say("The neighbours could not be laid out: %(why)s", { why });
        return;
      }
      if (mine !== wanted) return;
    }
    said.textContent = "";
    moveTo(places.get(key()) ?? []);
  }

  /** @param {number[][]} target */
  function moveTo(target) {
    cancelAnimationFrame(moving);
    const from = shownAt;
    const still = points.length > MOST_MOVING || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (still || from === target) {
      shownAt = target;
      draw(true);
      return;
    }
    const start = performance.now();
    const step = () => {
      const part = Math.min((performance.now() - start) / MOVING_MS, 1);
      const eased = part < 0.5 ? 2 * part * part : 1 - 2 * (1 - part) * (1 - part);
      shownAt =
        part === 1
          ? target
          : target.map((to, at) => [0, 1, 2].map((axis) => (from[at][axis] ?? 0) * (1 - eased) + (to[axis] ?? 0) * eased));
      draw(true);
      if (part < 1) moving = requestAnimationFrame(step);
    };
    step();
  }

  function tellFlat() {
    /** @type {HTMLElement} */ (document.getElementById("map-lacks")).hidden = false;
  }

  function markPicked() {
    const count = points.filter((point) => point.box.checked).length;
    const told = /** @type {HTMLElement} */ (document.getElementById("map-count"));
    told.hidden = !count;
    told.textContent = sayCount("%(number)s figure picked", "%(number)s figures picked", count);
    form.classList.toggle("picked", count > 0);
    draw();
  }

  /**
   * @param {number} at the point, or -1
   * @param {{x: number, y: number}} place in pixels of the frame
   */
  function showCard(at, place) {
    card.hidden = at < 0;
    if (at < 0) return;
    const { row, thumbnail, values } = points[at];
    const image = /** @type {HTMLImageElement} */ (card.querySelector("img"));
    if (image.getAttribute("src") !== thumbnail) image.src = thumbnail;
    const cells = row.cells;
    const put = (/** @type {string} */ name, /** @type {string} */ text) => {
      /** @type {HTMLElement} */ (card.querySelector(name)).textContent = text;
    };
    put(".map-card-label", cells[3].querySelector("a")?.textContent ?? "");
    put(".map-card-number", cells[3].querySelector("span")?.textContent ?? "");
    put(".map-card-title", cells[4].textContent ?? "");
    put(".map-card-value", boxes()[values[property()]].parentElement?.querySelector(".map-label")?.textContent ?? "");
    const frame = /** @type {HTMLElement} */ (card.parentElement).getBoundingClientRect();
    const { offsetWidth: wide, offsetHeight: high } = card;
    const left = place.x + 18 + wide > frame.width ? place.x - 18 - wide : place.x + 18;
    const top = Math.min(Math.max(place.y - high / 2, 4), frame.height - high - 4);
    card.style.translate = `${Math.max(left, 4)}px ${top}px`;
  }

  map.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-set], [data-drag], [data-zoom], [data-all], [data-only]") : null;
    if (!(target instanceof HTMLElement)) return;
    const { set, to, drag, zoom, all, only } = target.dataset;
    if (set) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (set === "dims" && to === "3" && !hasDepth()) {
        tellFlat();
        return;
      }
      Object.assign(asked, { [set]: set === "dims" ? Number(to) : to });
      history.replaceState(history.state, "", /** @type {HTMLAnchorElement} */ (target).href);
      followAddress();
      markChoice();
      showCard(-1, { x: 0, y: 0 });
      if (set === "by") draw();
      else layOut();
    } else if (drag) {
      plot.drag(drag);
      for (const one of map.querySelectorAll("[data-drag]")) one.setAttribute("aria-pressed", String(one === target));
    } else if (zoom) {
      plot.zoom(zoom);
    } else {
      for (const box of boxes()) box.checked = only ? box.dataset.value === only : all === "true";
      legendChanged();
    }
  });

  // The other choices are added to what the address now says.
  function followAddress() {
    for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (map.querySelectorAll("a[data-set]"))) {
      const { set = "", to = "" } = link.dataset;
      const address = new URL(location.href);
      for (const [name, value] of Object.entries({ ...asked, [set]: to })) address.searchParams.set(name, String(value));
      link.href = address.pathname + address.search;
    }
  }

  function legendChanged() {
    const shown = isShown();
    points.forEach((point, at) => shown[at] || (point.box.checked = false));
    markPicked();
  }

  map.addEventListener("change", (event) => {
    const box = /** @type {HTMLInputElement} */ (event.target);
    if (box.dataset.value) legendChanged();
    else if (box.name === "pick") markPicked();
  });
  document.getElementById("map-clear")?.addEventListener("click", () => {
    for (const point of points) point.box.checked = false;
    markPicked();
  });
  // Thousands of fields would be refused: all picks go in one.
  form.addEventListener("formdata", ({ formData }) => {
    const picked = formData.getAll("pick");
    formData.delete("pick");
    formData.append("pick", picked.join("\n"));
  });
  const repaint = () => draw();
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  addEventListener("pageshow", (event) => event.persisted && markPicked());

  markChoice();
  said.textContent = "";
  draw(true);
  if (asked.project !== "pca") layOut();
}

/** @returns {Point[]} */
function readPoints() {
  const rows = /** @type {HTMLTableRowElement[]} */ ([...document.querySelectorAll("#map-table tbody tr")]);
  return rows.map((row) => ({
    at: (row.dataset.at ?? "").split(",").map(Number),
    values: (row.dataset.values ?? "").split(",").map(Number),
    row,
    box: /** @type {HTMLInputElement} */ (row.querySelector("input")),
    href: row.querySelector("a")?.getAttribute("href") ?? "",
    thumbnail: row.querySelector("img")?.getAttribute("src") ?? "",
  }));
}
