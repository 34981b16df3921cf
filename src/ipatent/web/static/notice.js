let timer = 0;

// A short message at the foot of the page, also read out.
export function notice(text, seconds = 6) {
  const place = document.getElementById("notice");
  place.textContent = text;
  clearTimeout(timer);
  if (seconds) timer = setTimeout(() => (place.textContent = ""), seconds * 1000);
}
