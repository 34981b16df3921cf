import { addressOf, swapResults } from "./asking.js";
import { decimal } from "./messages.js";

const WAIT = 120; // ms between a move of a slider and the search

// Keeps addresses short, and lets the results follow the sliders.
export function prepareForm() {
  const form = document.getElementById("search-form");
  form.addEventListener("submit", () => {
    const empty = [...form.elements].filter((field) => field.name && !field.value.trim());
    for (const field of empty) field.disabled = true;
    // The page may come back from the browser's memory; its fields must then work again.
    setTimeout(() => {
      for (const field of empty) field.disabled = false;
    });
  });
  form.elements.k.addEventListener("change", () => {
    if (document.getElementById("hits")) form.requestSubmit();
  });

  let waiting = 0;
  for (const slider of document.querySelectorAll("input[data-live]")) {
    const shown = document.querySelector(`output[for="${slider.id}"]`);
    slider.addEventListener("input", () => {
      shown.textContent = slider.id === "w" ? `${Math.round(slider.value * 100)} %` : decimal(Number(slider.value), 2);
      clearTimeout(waiting);
      if (form.elements.q.value.trim()) waiting = setTimeout(() => swapResults(addressOf(form)), WAIT);
    });
    slider.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // the results are there already
    });
  }
}
