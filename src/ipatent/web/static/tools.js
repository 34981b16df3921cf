// What can be done with a hit: its tools are made when they are wanted, since hundreds of hits have
// thousands of them. Without this script the link `⋯` of a hit leads to a page that has them in words.
import { markCompared } from "./tray.js";

/** The tools of a hit; put into it if they are not there yet. @param {Element | null | undefined} hit */
export function toolsOf(hit) {
  const acts = hit?.querySelector(".acts");
  const made = acts?.querySelector(".hit-tools");
  if (!acts || made) return made ?? null;
  const usual = /** @type {HTMLTemplateElement | null} */ (document.getElementById("usual-tools"));
  const image = hit?.querySelector("img");
  const figure = new URL(/** @type {HTMLAnchorElement} */ (acts.querySelector("a")).href).searchParams.get("hit");
  if (!usual || !figure) return null;
  const tools = /** @type {Element} */ (/** @type {Element} */ (usual.content.firstElementChild).cloneNode(true));
  const patent = figure.split("/").slice(0, -2).join("/");
  for (const link of tools.querySelectorAll("a")) {
    const href = /** @type {string} */ (link.getAttribute("href"));
    const [name, own] = link.matches(".out") ? [usual.dataset.patent, patent] : [usual.dataset.figure, figure];
    link.setAttribute("href", href.replace(/** @type {string} */ (name), own));
  }
  const compare = /** @type {HTMLElement} */ (tools.querySelector("[data-compare]"));
  compare.dataset.compare = figure;
  compare.dataset.thumbnail = image?.getAttribute("src") ?? "";
  compare.dataset.label = image?.alt ?? figure;
  acts.append(tools);
  markCompared();
  return tools;
}

/** @param {Element} acts @param {boolean} open */
function open(acts, open) {
  if (open) toolsOf(acts.closest(".hit"));
  acts.classList.toggle("open", open);
  acts.querySelector("a")?.setAttribute("aria-expanded", String(open));
}

// One menu at a time; Escape closes it and goes back to its button.
export function prepareTools() {
  /** @param {Element | null} [but] */
  const close = (but) => {
    for (const acts of document.querySelectorAll(".acts.open")) if (acts !== but) open(acts, false);
  };
  document.addEventListener("pointerover", (event) => {
    if (event.target instanceof Element) toolsOf(event.target.closest(".hit"));
  });
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof Element && event.target.matches(".acts > a:not([aria-expanded])")) {
      event.target.setAttribute("aria-expanded", "false");
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    close(target?.closest(".acts"));
    const button = target?.closest(".acts > a");
    if (!button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const acts = /** @type {Element} */ (button.parentElement);
    open(acts, !acts.classList.contains("open"));
  });
  document.addEventListener("keydown", (event) => {
    const acts = document.querySelector(".acts.open");
    if (event.key !== "Escape" || !acts) return;
    if (acts.contains(document.activeElement)) acts.querySelector("a")?.focus();
    close();
  });
}
