// Small things that outlive one page: kept for this tab only.
export function keep(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // Storage may be forbidden; the page then works without.
  }
}

export function kept(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

// The value kept, once.
export function taken(name) {
  const value = kept(name);
  if (value) sessionStorage.removeItem(name);
  return value;
}
