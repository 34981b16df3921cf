// Evidence and explanations that are asked for, put where they are asked for; without scripts they are pages.
import { say } from "./messages.js";

/** The part of a page that an address of `/evidence` or `/explain` shows. @param {string} href */
async function part(href) {
  const url = new URL(href, location.href);
  url.pathname += "/part";
  const answer = await fetch(url);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) throw new Error(page.querySelector("main")?.textContent.trim() || answer.statusText);
  return document.adoptNode(page.body.firstElementChild);
}

/** @param {unknown} error */
function told(error) {
  const line = document.createElement("p");
  line.setAttribute("role", "alert");
  line.textContent = error instanceof TypeError ? say("The server does not answer.") : error.message;
  return line;
}

/** In the place of the link: which regions correspond. @param {HTMLAnchorElement} link */
async function showRegions(link) {
  const place = link.closest("p, .evidence");
  place.setAttribute("aria-busy", "true");
  try {
    const found = await part(link.href);
    place.replaceWith(found);
    // A link that was pressed is gone; what it brought is read next.
    if (link.dataset.evidence !== "now") {
      found.tabIndex = -1;
      found.focus({ preventScroll: true });
    }
  } catch (error) {
    place.removeAttribute("aria-busy");
    place.after(told(error));
  }
}

/** In a dialog: why a hit stands where it stands. @param {HTMLAnchorElement} link */
async function explain(link) {
  const dialog = document.getElementById("explanation");
  const body = dialog.querySelector(".explanation-body");
  body.replaceChildren();
  dialog.setAttribute("aria-busy", "true");
  dialog.showModal();
  try {
    body.replaceChildren(await part(link.href));
  } catch (error) {
    body.replaceChildren(told(error));
  }
  dialog.removeAttribute("aria-busy");
}

/** @param {MouseEvent} event */
function isPlain(event) {
  return event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

document.addEventListener("click", (event) => {
  if (!isPlain(event)) return;
  const link = event.target.closest("a[data-evidence], .evidence-which a, a.why");
  if (!link) return;
  if (link.matches(".why") && !document.getElementById("explanation")) return;
  if (link.matches(".evidence-which a") && link.closest(".evidence-page")) return;
  event.preventDefault();
  if (link.matches(".why")) explain(link);
  else showRegions(link);
});

for (const link of document.querySelectorAll('a[data-evidence="now"]')) showRegions(link);
