// Keeps addresses short and shows the weight while it moves.
export function prepareForm() {
  const form = document.getElementById("search-form");
  form.addEventListener("submit", (event) => {
    if (event.submitter?.id === "send-picture") return;
    const empty = [...form.elements].filter((field) => field.name && !field.value.trim());
    for (const field of [...empty, form.elements.file]) field.disabled = true;
    // The page may come back from the browser's memory; its fields must then work again.
    setTimeout(() => {
      for (const field of [...empty, form.elements.file]) field.disabled = false;
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
  weight.addEventListener("change", () => {
    if (form.elements.q.value.trim()) form.requestSubmit();
  });
}
