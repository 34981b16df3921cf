import { keep, taken } from "./kept.js";

// Keeps addresses short and shows the weight while it moves.
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
  const weight = document.getElementById("w");
  if (!weight) return;
  const shown = document.getElementById("w-shown");
  weight.addEventListener("input", () => {
    shown.textContent = `${Math.round(weight.value * 100)} %`;
  });
  // A key moves the slider by one step and counts as a change each time: wait for the last of them.
  let waiting = 0;
  let keyed = false;
  const before = weight.value;

  function send(keepFocus) {
    clearTimeout(waiting);
    if (weight.value === before || !form.elements.q.value.trim()) return;
    if (keepFocus) keep("focus", "w");
    form.requestSubmit();
  }
  weight.addEventListener("keydown", (event) => {
    keyed = true;
    clearTimeout(waiting);
    if (event.key !== "Enter") return;
    event.preventDefault();
    send(true);
  });
  weight.addEventListener("keyup", () => {
    clearTimeout(waiting);
    if (keyed) waiting = setTimeout(send, 600, true);
  });
  weight.addEventListener("pointerdown", () => {
    keyed = false;
    clearTimeout(waiting);
  });
  weight.addEventListener("blur", () => {
    if (keyed) send(false);
  });
  weight.addEventListener("change", () => {
    if (!keyed) send(false);
  });
  addEventListener("pagehide", () => clearTimeout(waiting));
  if (taken("focus") === "w") weight.focus();
}
