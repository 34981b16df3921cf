// Collecting by one key or click. Where no collection was chosen yet, a dialog asks for one first.
//
// On hits the star stands in the group `.marks`; elsewhere a form `.collect-form` sends its one figure.
import { hidden, marksOf, send, tell, whose } from "./judge.js";
import { say } from "./messages.js";
import { notice } from "./notice.js";

/** @typedef {{figure: string, rank: number, star: HTMLButtonElement}} Asked */

/** @type {Asked | null} */
let waiting = null;

const into = () => /** @type {HTMLSelectElement | null} */ (document.getElementById("into"));

/**
 * @param {Asked} asked
 * @param {{into?: string, name?: string}} [target]
 */
async function collect({ figure, rank, star }, target = {}) {
  const out = star.getAttribute("aria-pressed") === "true";
  try {
    const told = await send("/collections/collect.json", {
      figure,
      rank: rank || null,
      record: hidden("record"),
      out,
      ...target,
    });
    star.setAttribute("aria-pressed", String(told.is_in));
    star.name = told.is_in ? "uncollect" : "collect";
    list(told.collection);
    const { name, figures } = told.collection;
    notice(
      told.is_in
        ? say("Collected into “%(name)s”: %(figures)s.", { name, figures })
        : say("Taken out of “%(name)s”.", { name }),
    );
  } catch (error) {
    tell(error);
  }
}

// Shows the collection in the list of the page, chosen and with its new count.
/** @param {{id: string, name: string, figures: number}} collection */
function list({ id, name, figures }) {
  const select = into();
  if (!select) return;
  select.querySelector('option[value=""]')?.remove();
  let option = [...select.options].find((one) => one.value === id);
  if (!option) {
    option = new Option("", id);
    select.prepend(option);
  }
  option.textContent = `${name} (${figures})`;
  option.selected = true;
  const link = select.form?.querySelector("a");
  if (link) link.href = `/collections/${id}`;
}

/** @param {Asked} asked */
function ask(asked) {
  const dialog = document.getElementById("collect-into");
  if (into()?.value || !(dialog instanceof HTMLDialogElement)) {
    collect(asked);
    return;
  }
  waiting = asked;
  dialog.returnValue = "";
  dialog.showModal();
}

/** @param {HTMLElement} marks */
function asked(marks) {
  const star = /** @type {HTMLButtonElement} */ (marks.querySelector(".star"));
  return { ...whose(marks), star };
}

export function prepareCollecting() {
  document.addEventListener("click", (event) => {
    const star = event.target instanceof Element ? event.target.closest(".marks .star") : null;
    if (!star) return;
    event.preventDefault();
    ask(asked(/** @type {HTMLElement} */ (star.closest(".marks"))));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "a" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, dialog")) return;
    const marks = marksOf(event.target);
    if (!marks) return;
    event.preventDefault();
    ask(asked(marks));
  });
  // The dialog is part of the results, which may be put in anew.
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.closest("#collect-into") || !waiting) return;
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    const data = new FormData(form);
    const name = String(data.get("name") ?? "").trim();
    const target = name ? { name } : { into: String(data.get("into") ?? "") };
    const figure = waiting;
    waiting = null;
    if (button?.value === "collect" && (target.name || target.into)) collect(figure, target);
  });
  document.addEventListener("change", (event) => {
    const select = event.target;
    if (select instanceof HTMLSelectElement && select.id === "into" && select.value) select.form?.requestSubmit();
  });
}

prepareCollecting();
