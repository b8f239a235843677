// Helpers for who writes minutes: phrases and withholding at a press, and keys.

// keys are what to do by the code of a key, pressed with Alt and Shift.
export function helpHands(form, { tell, keys }) {
  const { notes } = form.elements;

  for (const hidden of document.querySelectorAll("[data-hand], [data-keys]")) {
    hidden.hidden = false;
  }
  form.addEventListener("click", (event) => {
    const insert = event.target.closest("[data-insert]");
    if (insert) {
      const { value, selectionStart: at } = notes;
      const gap = at > 0 && !/\s/.test(value[at - 1]) ? " " : "";
      write(gap + insert.dataset.insert);
    } else if (event.target.closest("[data-withhold]")) {
      withhold(form.querySelector("[data-reason]").value);
    }
  });

  // As if it were typed, so that it may be undone.
  function write(words) {
    notes.focus();
    if (document.execCommand("insertText", false, words)) return;
    const { selectionStart: start, selectionEnd: end } = notes;
    notes.setRangeText(words, start, end, "end");
    notes.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function withhold(reason) {
    const { value, selectionStart: start, selectionEnd: end } = notes;
    if (start === end) {
      tell("Mark the passage in the notes first, then press again.");
      notes.focus();
      return;
    }
    write(`[[withhold ${reason}]]${value.slice(start, end)}[[/withhold]]`);
    tell("Withheld from publication.");
  }

  if (form.hasAttribute("data-shortcuts")) {
    document.addEventListener("keydown", (event) => {
      if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
      if (!(event.code in keys)) return;
      event.preventDefault();
      keys[event.code]();
    });
  }
}
