import { keep, kept } from "./kept.js";

// From a figure, also after leafing through its patent, back to the results it was found in.
export function prepareBack() {
  const here = () => location.pathname + location.search; // grows with the results that are fetched
  const hits = document.getElementById("hits");
  if (hits && location.pathname === "/search") {
    keep("results", here());
    hits.addEventListener("click", (event) => {
      const hit = event.target.closest(".hit");
      if (hit) keep("results", `${here()}#${hit.id}`);
    });
  }
  const current = document.querySelector(".strip [aria-current]");
  if (current) {
    const strip = current.closest(".strip");
    const [at, frame] = [current.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += at.left - frame.left - (frame.width - at.width) / 2;
  }
  const link = document.getElementById("back");
  const from = document.referrer ? new URL(document.referrer) : null;
  if (!link || from?.origin !== location.origin) return;
  const found = from.pathname + from.search;
  // A new tab begins with nothing kept.
  if (from.pathname === "/search" && kept("results").split("#")[0] !== found) keep("results", found);
  const results = kept("results");
  link.hidden = !results;
  link.href = results;
}
