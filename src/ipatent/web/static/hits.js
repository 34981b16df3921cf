// The page of results: filters stand open where there is room, menus close, further hits are fetched.
import { prepareMore } from "./more.js";

const room = matchMedia("(min-width: 901px)");

function prepareFacets() {
  const facets = /** @type {HTMLDetailsElement | null} */ (document.getElementById("facets"));
  if (!facets) return;
  const fit = () => (facets.open = room.matches);
  fit();
  room.addEventListener("change", fit);
}

// One menu at a time; Escape closes it and goes back to its button.
function prepareMenus() {
  /** @param {Element | null} [but] */
  const close = (but) => {
    for (const menu of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(".acts[open]"))) {
      if (menu !== but) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => {
    close(event.target instanceof Element ? event.target.closest(".acts") : null);
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(".acts[open]");
    if (event.key !== "Escape" || !menu) return;
    if (menu.contains(document.activeElement)) menu.querySelector("summary")?.focus();
    close();
  });
}

prepareFacets();
prepareMenus();
prepareMore();
