// Judgements by key and button: 3, 2, 1 of the scale lie on the keys 1, 2, 3; 0 takes one back.
//
// Each hit has a group `.marks` with buttons with `data-grade` and a star, which without this script
// send the form `#marks`. With it they are stored at once, and the page stays where it is.
import { say } from "./messages.js";
import { notice } from "./notice.js";

const GRADES = { 1: 2, 2: 1, 3: 0, 0: null };

/** @returns {HTMLFormElement | null} */
const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById("marks"));

/** @param {string} name */
export const hidden = (name) => /** @type {HTMLInputElement | undefined} */ (form()?.elements.namedItem(name))?.value ?? "";

/**
 * @param {string} address
 * @param {object} body
 */
export async function send(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(`${told.error} ${told.advice ?? ""}`.trim());
  return told;
}

/** @param {unknown} error */
export function tell(error) {
  const told = error instanceof Error && error.name === "Error";
  notice(told ? error.message : say("The server does not answer. Nothing was stored."), 6, true);
}

/** The figure and the rank of a hit, as its star sends them. @param {Element} marks */
export function whose(marks) {
  const { value } = /** @type {HTMLButtonElement} */ (marks.querySelector(".star"));
  const end = value.indexOf(" ");
  return { figure: value.slice(end + 1), rank: Number(value.slice(0, end)) };
}

/**
 * @param {HTMLElement} marks
 * @param {number | null} grade
 */
function show(marks, grade) {
  const { figure, rank } = whose(marks);
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (marks.querySelectorAll("[data-grade]"))) {
    const own = Number(button.dataset.grade);
    const pressed = own === grade;
    button.setAttribute("aria-pressed", String(pressed));
    button.value = `${pressed ? "-" : own} ${rank} ${figure}`;
  }
}

/** @param {HTMLElement} marks */
function shown(marks) {
  const pressed = /** @type {HTMLElement | null} */ (marks.querySelector('[data-grade][aria-pressed="true"]'));
  return pressed ? Number(pressed.dataset.grade) : null;
}

/**
 * @param {HTMLElement} marks
 * @param {number | null} grade
 */
async function judge(marks, grade) {
  const before = shown(marks);
  if (grade === before) return;
  show(marks, grade);
  try {
    const told = await send("/judgements.json", {
      figure: whose(marks).figure,
      grade,
      query: hidden("query"),
      record: hidden("record"),
    });
    const measured = document.getElementById("measured");
    if (measured) measured.textContent = told.sentence;
  } catch (error) {
    show(marks, before);
    tell(error);
  }
}

/** The group of the hit that an element stands in. */
/** @param {EventTarget | null} target */
export function marksOf(target) {
  const hit = target instanceof Element ? target.closest(".hit") : null;
  if (!hit) return null;
  // In the layout by patent the group of the best figure stands beside its picture.
  return /** @type {HTMLElement | null} */ (hit.querySelector(".marks") ?? hit.parentElement?.querySelector(":scope > .about .marks"));
}

export function prepareJudging() {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".marks [data-grade]") : null;
    if (!(button instanceof HTMLElement)) return;
    event.preventDefault();
    const grade = Number(button.dataset.grade);
    judge(/** @type {HTMLElement} */ (button.closest(".marks")), button.getAttribute("aria-pressed") === "true" ? null : grade);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !(event.key in GRADES)) return;
    if (event.target instanceof Element && event.target.closest("input, select, textarea, dialog")) return;
    const marks = marksOf(event.target);
    if (!marks?.querySelector("[data-grade]")) return;
    event.preventDefault();
    judge(marks, GRADES[/** @type {keyof typeof GRADES} */ (event.key)]);
  });
}

prepareJudging();
