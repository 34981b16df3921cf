// Reasons appear beside the hits as the model writes them; at the end the hits take their new order.
//
// The original order stays: the button goes back to it, and forth again.
import { say } from "./messages.js";
import { notice } from "./notice.js";

/** @typedef {{said: string, reasons: {rank: number, reason: string}[]}} Step */
/** @typedef {{said: string, moved: number, order: number[]}} End */

const box = document.getElementById("reranking");
const said = document.getElementById("reranking-said");
const button = /** @type {HTMLButtonElement | null} */ (document.getElementById("reranking-order"));

const hitOf = (/** @type {number} */ rank) => document.getElementById(`hit-${rank}`);

/** The paragraph of a hit that says what the model says. @param {Element} hit */
function paragraph(hit) {
  const found = hit.querySelector(".reason");
  if (found) return found;
  const made = document.createElement("p");
  made.className = "reason";
  made.append(document.createElement("b"), document.createElement("span"));
  (hit.querySelector("td.title") ?? hit).append(made);
  return made;
}

/** @param {Step} step */
function showReasons(step) {
  said.textContent = step.said;
  for (const { rank, reason } of step.reasons) {
    const hit = hitOf(rank);
    if (hit) /** @type {Element} */ (paragraph(hit).lastChild).textContent = reason;
  }
}

/** Put the hits of these ranks into the places that they have among the others. @param {number[]} order */
function arrange(order) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const hits = order.map(hitOf);
  const places = [...document.querySelectorAll("#hits > .hit")].filter((hit) => hits.includes(/** @type {HTMLElement} */ (hit)));
  const slots = places.map((hit) => {
    const slot = document.createComment("");
    hit.replaceWith(slot);
    return slot;
  });
  slots.forEach((slot, at) => slot.replaceWith(hits[at]));
  if (focused && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

/** @param {End} end */
function finish(end) {
  said.textContent = end.said;
  const original = [...end.order].sort((one, other) => one - other);
  if (!end.moved || !end.order.every((rank) => hitOf(rank))) return;
  const last = original.length;
  const line = document.querySelector("#hits > .line");
  const below = line?.nextElementSibling?.id.replace("hit-", "");

  /** @param {boolean} anew */
  const show = (anew) => {
    arrange(anew ? end.order : original);
    // Where nothing relevant follows was judged of the other order.
    if (line instanceof HTMLElement && Number(below) <= last) line.hidden = anew;
    button.setAttribute("aria-pressed", String(!anew));
    end.order.forEach((was, at) => {
      const now = at + 1;
      const mark = /** @type {Element} */ (paragraph(hitOf(was)).firstChild);
      const place = now === was ? "" : say("%(now)s, was %(was)s", { now, was });
      mark.textContent = anew && place ? `${now < was ? "↑" : "↓"} ${place}. ` : "";
    });
    for (const one of document.querySelectorAll(".reason")) {
      /** @type {HTMLElement} */ (one).hidden = !one.textContent;
    }
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const anew = button.getAttribute("aria-pressed") === "true";
    show(anew);
    notice(anew ? say("The order of the model.") : say("The original order."), 3);
  });
  show(true);
}

if (box?.dataset.url && said && button) {
  const source = new EventSource(box.dataset.url);
  source.addEventListener("step", (event) => showReasons(JSON.parse(event.data)));
  source.addEventListener("end", (event) => {
    source.close();
    finish(JSON.parse(event.data));
  });
  // The browser would ask again by itself, and the model begin anew.
  source.addEventListener("error", () => {
    source.close();
    box.classList.add("failed");
    said.textContent = say("The connection to the re-ranking broke. The results stand in their original order.");
  });
}
