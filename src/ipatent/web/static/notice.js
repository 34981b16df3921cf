let timer = 0;
let heldUntil = 0;

/**
 * A short message at the foot of the page, also read out. What went wrong is not pushed out by mere news.
 * @param {string} text
 * @param {number} [seconds] 0 leaves it
 * @param {boolean} [wrong]
 */
export function notice(text, seconds = 6, wrong = false) {
  if (!wrong && Date.now() < heldUntil) return;
  heldUntil = wrong ? Date.now() + seconds * 1000 : 0;
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(timer);
  if (seconds) timer = setTimeout(() => (place.textContent = ""), seconds * 1000);
}
