// The compare tray: up to four figures chosen on any page, kept for this tab, with a link to /compare.
//
// A page offers a figure by a button (of type "button"; give it the class "needs-js"):
//
//   <button type="button" data-compare="FIGURE_ID" data-thumbnail="URL" data-label="FIG. 1, US D900,003 S1">
//
// Pressing it puts the figure into the tray or takes it out; `aria-pressed` tells which. Buttons that
// are added to the page later work, too; call `markCompared()` to set their `aria-pressed`.
// The bar itself and its sentences stand in `templates/tray.html`, which every page includes.
import { keep, kept } from "./kept.js";
import { notice } from "./notice.js";

const MOST = 4;

/** @typedef {{id: string, thumbnail: string, label: string}} Chosen */

/** @returns {Chosen[]} */
function chosen() {
  try {
    const read = JSON.parse(kept("compare") || "[]");
    return Array.isArray(read) ? read.filter((one) => typeof one?.id === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** @param {readonly string[]} ids */
export function compareUrl(ids) {
  return `/compare?${new URLSearchParams(ids.map((id) => ["figure", id]))}`;
}

/** Sets `aria-pressed` of every button that offers a figure. */
export function markCompared() {
  const ids = new Set(chosen().map(({ id }) => id));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-compare]"))) {
    button.setAttribute("aria-pressed", String(ids.has(button.dataset.compare ?? "")));
  }
}

export function prepareTray() {
  const tray = document.getElementById("tray");
  if (!tray) return;
  const list = /** @type {HTMLElement} */ (tray.querySelector("ol"));
  const link = /** @type {HTMLAnchorElement} */ (tray.querySelector("a"));
  const said = tray.dataset;

  function show() {
    const figures = chosen();
    // The comparison itself shows its figures already.
    tray.hidden = !figures.length || location.pathname === "/compare";
    list.replaceChildren(...figures.map(entry));
    tray.querySelector(".tray-count").textContent = String(figures.length);
    const enough = figures.length > 1;
    link.setAttribute("aria-disabled", String(!enough));
    if (enough) link.href = compareUrl(figures.map(({ id }) => id));
    else link.removeAttribute("href");
    markCompared();
  }

  /** @param {Chosen} figure */
  function entry({ id, thumbnail, label }) {
    const item = document.createElement("li");
    const paper = document.createElement("a");
    paper.className = "paper";
    paper.href = `/figures/${id.split("/").map(encodeURIComponent).join("/")}`;
    paper.title = label;
    const image = document.createElement("img");
    // Only pictures of this server, whatever was kept.
    image.src = thumbnail.startsWith("/thumbnails/") ? thumbnail : "";
    image.alt = label;
    paper.append(image);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", said.remove.replace("{label}", label));
    remove.addEventListener("click", () => {
      put(chosen().filter((one) => one.id !== id));
      notice(said.taken);
      const next = list.querySelector("button") ?? document.querySelector("[data-compare]");
      /** @type {HTMLElement | null} */ (next)?.focus();
    });
    item.append(paper, remove);
    return item;
  }

  /** @param {Chosen[]} figures */
  function put(figures) {
    keep("compare", JSON.stringify(figures));
    show();
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-compare]") : null;
    if (!(button instanceof HTMLElement)) return;
    const { compare: id = "", thumbnail = "", label = id } = button.dataset;
    const figures = chosen();
    if (figures.some((one) => one.id === id)) {
      put(figures.filter((one) => one.id !== id));
      notice(said.taken);
    } else if (figures.length === MOST) {
      notice(said.full);
    } else {
      put([...figures, { id, thumbnail, label }]);
      notice(figures.length ? said.ready : said.added);
    }
  });
  tray.querySelector(".tray-clear").addEventListener("click", () => {
    put([]);
    notice(said.taken);
  });
  // A page shown again by the back button is as it was left, not as the tray is now.
  addEventListener("pageshow", show);
  show();
}
