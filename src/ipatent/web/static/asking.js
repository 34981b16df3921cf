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

let running = null;

// Fetches the page of `address` and puts its results in the place of those shown; the address follows.
export async function swapResults(address) {
  running?.abort();
  running = new AbortController();
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: running.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    main.replaceChildren(...page.getElementById("main").childNodes);
    for (const place of [".asking .asked-list", ".asking .unwanted", ".asking .combine", "footer"]) {
      const [old, fresh] = [document.querySelector(place), page.querySelector(place)];
      if (old && fresh) old.replaceWith(fresh);
    }
    document.title = page.title;
    history.replaceState(history.state, "", address);
    main.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("results")); // for scripts that work on hits
  } catch (error) {
    if (error.name === "AbortError") return;
    main.removeAttribute("aria-busy");
    notice(say("The server does not answer. The results shown are those from before."));
  }
}
