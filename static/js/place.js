// Where somebody is on the page: it stays as things change around it.

// Does that without moving what is in hand on the screen.
export function still(change) {
  const held = document.activeElement;
  const before = held.getBoundingClientRect().top;
  change();
  if (held === document.body || held !== document.activeElement) return;
  const moved = held.getBoundingClientRect().top - before;
  if (moved) window.scrollBy({ top: moved, behavior: "instant" });
}

// To the end of what is written, in view.
export function goToEnd(field) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
  showEnd(field);
}

// The same on the way from another page: the browser goes to the beginning afterwards.
export function arriveAt(field) {
  goToEnd(field);
  window.addEventListener("load", () =>
    setTimeout(() => document.activeElement === field && showEnd(field)),
  );
}

// The field grows with its text, so that the end of a long one is its foot.
function showEnd(field) {
  const isLong = field.offsetHeight > window.innerHeight / 2;
  field.scrollTop = field.scrollHeight;
  field.scrollIntoView({ block: isLong ? "end" : "nearest", behavior: "instant" });
}

export function goToHeading(heading) {
  heading.focus({ preventScroll: true });
  heading.scrollIntoView({ block: "start", behavior: "instant" });
}
