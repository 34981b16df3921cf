// Further hits are fetched before the end of the page comes into view, and added below.
//
// The address remembers how many are shown (`shown`), so that the page comes back as it was left, also
// when the browser has forgotten it.
import { say } from "./messages.js";
import { notice } from "./notice.js";
import { markCompared } from "./tray.js";

const AHEAD = "1500px 0px";

export function prepareMore() {
  const hits = document.getElementById("hits");
  // Publications are grouped anew each time: there the link leads to a page of its own.
  if (!hits || hits.classList.contains("families") || !document.getElementById("more-results")) return;
  let busy = false;
  const watch = new IntersectionObserver(
    (seen) => {
      if (seen.some((one) => one.isIntersecting)) fetchMore();
    },
    { rootMargin: AHEAD },
  );

  const ways = () => /** @type {HTMLElement} */ (document.getElementById("ways-on"));
  const link = () => /** @type {HTMLAnchorElement | null} */ (document.getElementById("more-results"));

  async function fetchMore() {
    const more = link();
    if (busy || !more) return;
    busy = true;
    const said = more.textContent;
    more.textContent = say("Loading more results…");
    more.setAttribute("aria-busy", "true");
    try {
      const address = new URL(more.href);
      address.pathname = "/search/more";
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      add(page);
    } catch {
      // The link stays: it can be followed, or pressed to try again.
      watch.disconnect();
      more.textContent = said;
      more.removeAttribute("aria-busy");
      notice(say("More results could not be fetched. Press “More results” to try again."), 0);
    }
    busy = false;
  }

  /** @param {Document} page */
  function add(page) {
    const fresh = page.getElementById("hits");
    const next = page.getElementById("ways-on");
    if (!fresh || !next) throw new Error("no results");
    const focused = document.activeElement === link();
    const first = fresh.querySelector(".hit");
    hits.append(...fresh.children);
    const before = Number(ways().dataset.last);
    ways().replaceWith(next);
    markCompared();
    const last = Number(next.dataset.last);
    // Not by `searchParams`, which would write the rest of the address in another way.
    const rest = location.search.replace(/&shown=\d*/g, "");
    history.replaceState(history.state, "", `${location.pathname}${rest}&shown=${last}${location.hash}`);
    notice(say("Results %(first)s to %(last)s were added.", { first: before + 1, last }), 2);
    if (focused) /** @type {HTMLElement | null} */ (first?.querySelector("a"))?.focus();
    watch.disconnect();
    const more = link();
    if (more) watch.observe(more);
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("#more-results") : null;
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    fetchMore();
  });
  watch.observe(/** @type {HTMLElement} */ (link()));
}
