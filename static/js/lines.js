// Bringing what the server stored into a field that somebody goes on typing in.

const MARK = /^\s*\[\[\s*(action \d+\/\d+|decision \d+)\s*\]\]\s*$/i;
const SPOKEN = /^\s*(?:[-*+•–—]\s*)?(?:action|decision)\s*(?::|[-–—]\s)\s*/i;

// Puts what is stored in place of what was sent and keeps what was typed since, with the
// cursor where it is. `kept` are words of a line that became a mark while they were being
// changed. `isTheirs` when the stored text is somebody else's and this one was changed.
export function adopt(field, sent, stored) {
  const now = field.value;
  if (stored === sent) return {};
  if (field.tagName === "SELECT" || now === sent) {
    if (now !== sent) return { isTheirs: true };
    replace(field, stored);
    return {};
  }
  if (stored === "" && sent.trim() === "") return {};
  const [before, after] = [sent.split("\n"), stored.split("\n")];
  const changed = [...after.keys()].filter((at) => before[at] !== after[at]);
  const isMarked = (at) => MARK.test(after[at]) || MARK.test(before[at] ?? "");
  if (before.length === after.length && changed.every(isMarked)) {
    return { kept: putMarks(field, before, after, changed) };
  }
  // Lines put at the end, as a decision is.
  if (stored.startsWith(sent) && !now.includes(stored)) {
    const rest = stored.slice(sent.length);
    put(field, rest, now.length, now.length);
    return {};
  }
  return { isTheirs: true };
}

// What Undo brought back: the marks that gave way to the lines they were made of.
export function unmarked(stored, now) {
  const lines = now.split("\n");
  if (!lines.some((line) => SPOKEN.test(line))) return "";
  const gone = stored.split("\n").filter((line) => MARK.test(line) && !lines.includes(line));
  const names = gone.map((line) => MARK.exec(line)[1]);
  if (!names.length) return "";
  return (
    `The line is back, and ${names.join(", ")} stays as it was made: finish the line as ` +
    `it is, and it is the same again. Change the words below, not here.`
  );
}

export function changedWords(words) {
  return (
    `A line became an action or a decision while you were changing it. Your words ` +
    `are kept below its mark: “${words}”.`
  );
}

// Where each changed line is now: by its place from the beginning or the end, as one
// place at a time is typed in.
function putMarks(field, before, after, changed) {
  let kept = "";
  for (const at of changed) {
    const lines = field.value.split("\n");
    const [place, isSame] = find(lines, before, after, at);
    const start = lines.slice(0, place).reduce((sum, line) => sum + line.length + 1, 0);
    if (isSame) {
      put(field, after[at], start, start + lines[place].length);
    } else {
      const said = lines[place] ?? "";
      const words = said.replace(SPOKEN, "");
      put(field, `${after[at]}\n`, start, start + said.length - words.length);
      kept = words;
    }
  }
  return kept;
}

function find(lines, before, after, at) {
  // Lines that were marked already stand as they are stored.
  const isLine = (line, place) => line === before[place] || line === after[place];
  let head = 0;
  while (head < lines.length && head < before.length && isLine(lines[head], head)) {
    head += 1;
  }
  if (at < head) return [at, true];
  let tail = 0;
  const rest = Math.min(lines.length, before.length) - head;
  while (
    tail < rest &&
    isLine(lines[lines.length - 1 - tail], before.length - 1 - tail)
  ) {
    tail += 1;
  }
  if (at >= before.length - tail) return [at + lines.length - before.length, true];
  const middle = lines.slice(head, lines.length - tail);
  const same = middle.indexOf(before[at]);
  if (same >= 0) return [head + same, true];
  const scores = middle.map((line) => likeness(line, before[at]));
  const best = scores.indexOf(Math.max(...scores));
  return [head + Math.max(best, 0), false];
}

function likeness(one, other) {
  let head = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(one.length, other.length) - head &&
    one[one.length - 1 - tail] === other[other.length - 1 - tail]
  ) {
    tail += 1;
  }
  return head + tail;
}

// The least that has to change, so that cursor, selection and scroll stay.
function replace(field, stored) {
  if (field.tagName === "SELECT") {
    field.value = stored;
    return;
  }
  const now = field.value;
  let head = 0;
  while (head < now.length && head < stored.length && now[head] === stored[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < Math.min(now.length, stored.length) - head &&
    now[now.length - 1 - tail] === stored[stored.length - 1 - tail]
  ) {
    tail += 1;
  }
  put(field, stored.slice(head, stored.length - tail), head, now.length - tail);
}

// What stood behind the place moves with its text, the cursor too. It is done as if it
// were typed, so that Undo goes back over it step by step: the line comes back in place
// of its mark. Such a line is plain text again while the cursor is in it, and its own
// action as before once it is finished: the server makes no second one of it.
function put(field, text, start, end) {
  const { scrollTop, selectionDirection: direction } = field;
  const [left, top] = [window.scrollX, window.scrollY];
  const move = (at) => {
    if (at <= start) return at;
    return at > end ? at + text.length - (end - start) : start + text.length;
  };
  const [from, to] = [move(field.selectionStart), move(field.selectionEnd)];
  if (!typed(field, text, start, end)) field.setRangeText(text, start, end);
  field.setSelectionRange(from, to, direction);
  field.scrollTop = scrollTop;
  window.scrollTo({ left, top, behavior: "instant" });
}

// Whether the browser itself could put the text there; it does in the field in hand
// alone. What it says of the change is for nobody: this is on the server already.
function typed(field, text, start, end) {
  if (document.activeElement !== field || field.readOnly) return false;
  const hush = (event) => event.stopImmediatePropagation();
  field.setSelectionRange(start, end);
  window.addEventListener("input", hush, true);
  try {
    if (text) return document.execCommand("insertText", false, text);
    return start === end || document.execCommand("delete");
  } finally {
    window.removeEventListener("input", hush, true);
  }
}
