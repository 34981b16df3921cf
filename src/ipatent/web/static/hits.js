// The page of results: filters stand open where there is room, menus close, further hits are fetched.
import { prepareMore } from "./more.js";
import { prepareTools } from "./tools.js";

const room = matchMedia("(min-width: 901px)");

function prepareFacets() {
  const facets = /** @type {HTMLDetailsElement | null} */ (document.getElementById("facets"));
  if (!facets) return;
  const fit = () => (facets.open = room.matches);
  fit();
  room.addEventListener("change", fit);
}

prepareFacets();
prepareTools();
prepareMore();
