// A collection: notes are stored as they are left, figures are dragged to another place.
import { say } from "./messages.js";
import { notice } from "./notice.js";

const list = /** @type {HTMLElement | null} */ (document.getElementById("items"));

/**
 * @param {string} method
 * @param {string} what
 * @param {object} body
 */
async function store(method, what, body) {
  try {
    const answer = await fetch(`/collections/${list?.dataset.collection}/${what}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) notice(`${told.error} ${told.advice ?? ""}`.trim());
    return answer.ok;
  } catch {
    notice(say("The server does not answer. Nothing was stored."));
    return false;
  }
}

/** @param {HTMLElement} list */
function prepareNotes(list) {
  /** @param {HTMLTextAreaElement} area */
  async function keep(area) {
    const item = /** @type {HTMLElement} */ (area.closest(".item"));
    const note = area.value;
    if (note === area.defaultValue) return;
    if (await store("PATCH", "figures.json", { figure: item.dataset.figure, note })) {
      area.defaultValue = note;
      notice(say("The note is stored."), 2);
    }
  }
  list.addEventListener("change", (event) => {
    if (event.target instanceof HTMLTextAreaElement) keep(event.target);
  });
  list.addEventListener("submit", (event) => {
    const button = /** @type {HTMLButtonElement | null} */ (/** @type {SubmitEvent} */ (event).submitter);
    const area = /** @type {HTMLFormElement} */ (event.target).querySelector("textarea");
    if (button?.value !== "note" || !area) return;
    event.preventDefault();
    keep(area);
  });
}

/** @param {HTMLElement} list */
function prepareDragging(list) {
  /** @type {HTMLElement | null} */
  let dragged = null;
  let before = "";
  const order = () => [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(".item"))].map((one) => one.dataset.figure);

  list.addEventListener("dragstart", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest(".grip") || !event.dataTransfer) return;
    dragged = event.target.closest(".item");
    if (!dragged) return;
    before = order().join("\n");
    dragged.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.figure ?? "");
    event.dataTransfer.setDragImage(dragged, 0, 0);
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target instanceof Element ? event.target.closest(".item") : null;
    if (!dragged) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    const after = event.clientY > box.top + box.height / 2;
    if (after) over.after(dragged);
    else over.before(dragged);
  });
  list.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
  list.addEventListener("dragend", async () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    if (order().join("\n") === before) return;
    await store("PUT", "order.json", { figures: order() });
    // Places, and the buttons that know the first and the last one, are the server's.
    location.reload();
  });
}

if (list) {
  prepareNotes(list);
  prepareDragging(list);
}
