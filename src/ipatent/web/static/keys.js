// Keys for people who search all day; "?" lists them.
import { toolsOf } from "./tools.js";

const AFTER_V_MS = 1500;

export function listenForKeys() {
  const help = document.getElementById("help");
  const field = document.getElementById("q");
  document.getElementById("show-help").addEventListener("click", () => help.showModal());

  // Hits may be added while the page is read.
  const all = () => [...document.querySelectorAll(".hit")];
  const hitOf = (element) => element.closest?.(".hit");
  let awaited = 0; // until when a letter after "v" names a layout

  function focus(hit) {
    hit?.querySelector("a.paper")?.focus();
    hit?.scrollIntoView({ block: "nearest" });
    return Boolean(hit);
  }

  function step(hit, by) {
    const hits = all();
    if (!hits.length) return false;
    const at = hit ? hits.indexOf(hit) : -1;
    return focus(hits[Math.max(0, Math.min(hits.length - 1, at + by))]);
  }

  function columns() {
    const hits = all();
    const top = hits[0]?.offsetTop;
    const first = hits.findIndex((hit) => hit.offsetTop !== top);
    return first < 0 ? hits.length : first;
  }

  function press(element) {
    element?.click();
    return Boolean(element);
  }

  const actions = {
    "/": () => {
      field.focus();
      field.select();
      return true;
    },
    "?": () => {
      help.showModal();
      return true;
    },
    j: (hit) => step(hit, 1),
    k: (hit) => step(hit, -1),
    ArrowRight: (hit) => (hit ? step(hit, 1) : !all().length && press(document.getElementById("next"))),
    ArrowLeft: (hit) => (hit ? step(hit, -1) : !all().length && press(document.getElementById("previous"))),
    ArrowDown: (hit) => Boolean(hit) && step(hit, columns()),
    ArrowUp: (hit) => Boolean(hit) && step(hit, -columns()),
    m: (hit) => press(hit ? toolsOf(hit)?.querySelector(".more") : document.getElementById("more")),
    "+": (hit) => press(toolsOf(hit)?.querySelector(".plus")),
    "-": (hit) => press(toolsOf(hit)?.querySelector(".minus")),
    "−": (hit) => press(toolsOf(hit)?.querySelector(".minus")),
    c: (hit) => press(toolsOf(hit)?.querySelector("[data-compare]")),
    w: (hit) => press(hit?.querySelector(".why")),
    v: () => {
      awaited = document.querySelector("[data-show]") ? Date.now() + AFTER_V_MS : 0;
      return awaited > 0;
    },
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || help.open) return;
    const target = event.target;
    if (document.querySelector("dialog[open]")) return;
    if (target.closest("input, select, textarea")) {
      if (event.key === "Escape") target.blur();
      return;
    }
    // Inside the viewer the arrows move over an enlarged drawing.
    if (target.closest("#viewer.zoomed") && event.key.startsWith("Arrow")) return;
    if (Date.now() < awaited) {
      awaited = 0;
      const layout = [...document.querySelectorAll("[data-show]")].find((link) => link.dataset.show === event.key);
      if (press(layout)) {
        event.preventDefault();
        return;
      }
    }
    if (actions[event.key]?.(hitOf(target))) event.preventDefault();
  });
}
