// The query pictures above the results, and results that follow a slider.
import { say } from "./messages.js";
import { notice } from "./notice.js";

/** @param {(card: HTMLElement) => void} open opens the region editor for a query picture */
export function prepareDraw(open) {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target).closest(".draw-box, .asked > .paper");
    if (target) open(target.closest(".asked"));
  });
}

/** The address that the form asks for now, without what is empty. */
export function addressOf(form) {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string" && value.trim());
  return `${form.getAttribute("action")}?${new URLSearchParams(pairs)}`;
}

const LOOKED_AT_MS = 3000; // results that stood so long were looked at

let running = null;
let swapped = -Infinity; // when results were last put in the place of others

// Fetches the page of `address` and puts its results in the place of those shown; the address follows.
// While a slider is moved, each search takes the place of the one before it among the records, so that
// the list holds the values that were looked at and not those that were passed.
export async function swapResults(address) {
  running?.abort();
  running = new AbortController();
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  const passing = performance.now() - swapped < LOOKED_AT_MS;
  const record = passing && document.querySelector("#marks [name=record]")?.value;
  try {
    const headers = { Accept: "text/html", ...(record && { "X-Replaces-Record": record }) };
    const answer = await fetch(address, { signal: running.signal, headers });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.getElementById("main").childNodes);
    for (const place of [".asking .asked-list", ".asking .unwanted", ".asking .combine", "footer"]) {
      const [old, fresh] = [document.querySelector(place), page.querySelector(place)];
      if (old && fresh) old.replaceWith(fresh);
    }
    document.title = page.title;
    history.replaceState(history.state, "", address);
    swapped = performance.now();
    main.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("results")); // for scripts that work on hits
  } catch (error) {
    if (error.name === "AbortError") return;
    main.removeAttribute("aria-busy");
    notice(say("The server does not answer. The results shown are those from before."));
  }
}
