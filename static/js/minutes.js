// The live minutes: what is typed is saved as it is typed.
//
// One request is under way at a time. One that got no answer is sent again, the same to
// the letter, until it is answered: the server knows it by its token and writes nothing
// twice. Nothing typed is kept anywhere but in its field and on the server.
import { markAttendance } from "./attendance.js";
import { changeActions } from "./change.js";
import { helpHands } from "./hand.js";
import { adopt, changedWords, unmarked } from "./lines.js";
import { arriveAt, goToEnd, goToHeading, still } from "./place.js";
import { digests, lineInHand, parsed, token } from "./requests.js";
import { choiceSaid, quarrelSaid, refusalSaid, troubleSaid } from "./said.js";

const EVERY_MS = 2000;
const AGAIN_MS = [2000, 4000, 8000, 10000];
const PATIENCE_MS = 15000;
const ASK_MS = 400;
const LATE_MS = [1000, 3000];
const STANDS_MS = 30000;
const RECOVERED = "Saved again.";
// What browsers still send after the page is gone may have 64 KiB.
const OUTLIVES = 60000;
const NAMES = ["notes", "decisions", "assurance"];

export function writeMinutes(form) {
  const fields = Object.fromEntries(NAMES.map((name) => [name, form.elements[name]]));
  const quick = form.elements.quick;
  const byId = (id) => document.getElementById(id);
  const [state, alert, status] = ["saved-state", "live-alert", "live-status"].map(byId);
  const shown = {};

  const read = () => Object.fromEntries(NAMES.map((name) => [name, fields[name].value]));
  // What the server is known to hold, by field. A page shown again with an error holds
  // what it refused.
  const isRefused = form.querySelector(".govuk-error-message, #conflict") !== null;
  const stored = isRefused ? {} : asOpened(fields);
  const seen = digests(form.elements.seen.value);
  let conflict = document.getElementById("conflict") !== null;
  let disputed = null; // the fields as they were compared
  let refusedAs = null; // what was refused, so that it is not sent again unchanged
  let finishedAs = null; // notes whose last line was said to be finished
  let waiting = form.hasAttribute("data-waiting");
  let pending = null; // the request that has no answer yet
  let timer = 0;
  let retry = 0;
  let trouble = "";
  let next = null; // what to save once the pending request is answered
  let waiters = [];
  let composing = false;

  // What is to be saved

  const isChanged = () => NAMES.some((name) => fields[name].value !== stored[name]);
  const isUnsaved = () => isChanged() || pending !== null || quick.value.trim() !== "";
  const snapshot = () => JSON.stringify([read(), quick.value]);

  function isWanted({ finished, line }) {
    if (line) return true;
    if (isChanged()) return refusedAs !== snapshot();
    return finished && waiting && finishedAs !== fields.notes.value;
  }

  function save(how = {}) {
    clearTimeout(timer);
    timer = 0;
    if (conflict) return;
    if (pending) {
      next = { ...next, ...how };
      return;
    }
    if (!isWanted(how)) return;
    const sent = read();
    const body = new URLSearchParams({
      ...sent,
      submission: token(),
      version: form.elements.version.value,
      seen: form.elements.seen.value,
    });
    if (how.finished) {
      body.set("finished", "1");
    } else if (document.activeElement === fields.notes) {
      body.set("in_hand", lineInHand(fields.notes));
    }
    if (how.line) body.set("quick", how.line);
    pending = { body: body.toString(), sent, how, as: snapshot(), tries: 0 };
    send();
  }

  function soon() {
    if (timer || conflict || trouble) return;
    timer = setTimeout(() => save(), EVERY_MS);
  }

  // Resolves to whether everything is on the server; to false once that has to wait.
  function flush() {
    save({ finished: true });
    if (!pending) return Promise.resolve(!isChanged());
    if (trouble) return Promise.resolve(false);
    return new Promise((resolve) => waiters.push(resolve));
  }

  function settle(isSaved) {
    waiters.splice(0).forEach((resolve) => resolve(isSaved));
  }

  // Sending

  async function ask(url, options = {}) {
    const gone = new AbortController();
    const bell = setTimeout(() => gone.abort(), PATIENCE_MS);
    try {
      const headers = { "HX-Request": "true", ...options.headers };
      const answer = await fetch(url, {
        ...options,
        headers,
        redirect: "manual",
        signal: gone.signal,
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return { status: -1, text: "" };
    } finally {
      clearTimeout(bell);
    }
  }

  function post(url, body) {
    const headers = {
      "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    };
    const keepalive = body.length < OUTLIVES;
    return ask(url, { method: "POST", headers, body, keepalive });
  }

  async function send() {
    clearTimeout(retry);
    retry = 0;
    if (!trouble) say("Saving…");
    const sending = pending;
    sending.isUnderWay = true;
    const answer = await post(form.dataset.save, sending.body);
    sending.isUnderWay = false;
    const { status: code } = answer;
    if (code === 200) {
      const said = parsed(answer.text);
      // A page that somebody put in between, as public networks do, is no answer.
      return said ? still(() => acknowledge(said)) : wait("away");
    }
    if (code === 401 || code === 0) return wait("signed out");
    if (code === 403) return renew();
    if (code < 0 || code >= 500) return wait("away");
    return still(() => refuse(code, answer.text));
  }

  // Another token, for whoever signed in again in another tab.
  async function renew() {
    const answer = await ask(form.dataset.state);
    if (answer.status === 200) {
      const fresh = JSON.parse(answer.text).token;
      for (const input of document.getElementsByName("csrfmiddlewaretoken")) {
        input.value = fresh;
      }
      if (!pending.isRenewed) {
        pending.isRenewed = true;
        return send();
      }
    }
    const isOut = answer.status === 401 || answer.status === 0;
    if (isOut) return wait("signed out");
    if (answer.status === 403) return wait("forbidden");
    return wait("away");
  }

  function wait(why) {
    const pause = AGAIN_MS[Math.min(pending.tries, AGAIN_MS.length - 1)];
    pending.tries += 1;
    pending.isRenewed = false;
    say("Not saved");
    if (trouble !== why) still(() => complain(why));
    trouble = why;
    settle(false);
    retry = setTimeout(tryAgain, pause);
  }

  function tryAgain() {
    clearTimeout(retry);
    retry = 0;
    if (!pending || pending.isUnderWay) return;
    if (trouble === "away") send();
    else renew();
  }

  // Answers

  function acknowledge(answer) {
    if (composing) {
      document.addEventListener("compositionend", () => acknowledge(answer), {
        once: true,
      });
      return;
    }
    const { sent, how } = pending;
    pending = null;
    refusedAs = null;
    clearErrors();
    const words = [...answer.added, ...take(answer, sent)];
    if (how.finished) finishedAs = fields.notes.value;
    if (how.line && quick.value.trim() === how.line) {
      quick.value = "";
      byId("understood").textContent = "";
    }
    if (trouble) {
      trouble = "";
      alert.replaceChildren();
      words.unshift(RECOVERED);
    }
    if (words.length) tell(words.join(" "));
    say(isChanged() ? "Not saved yet" : answer.saved);
    const waitingToSave = next;
    next = null;
    if (waitingToSave) save(waitingToSave);
    if (!pending && isChanged()) {
      if (waiters.length) save({ finished: true });
      else soon();
    }
    if (!pending) settle(!isChanged());
  }

  // Brings what is stored into the page, and says what that did to lines in hand.
  function take(answer, sent) {
    const given = digests(answer.seen);
    const words = [];
    for (const name of NAMES) {
      const changed = adopt(fields[name], sent[name], answer.stored[name]);
      if (changed.isTheirs) continue; // typed into meanwhile: the next save tells
      stored[name] = answer.stored[name];
      if (answer.stored[name] === "" && fields[name].value.trim() === "") {
        stored[name] = fields[name].value;
      }
      seen[name] = given[name];
      if (changed.kept) words.push(changedWords(changed.kept));
    }
    form.elements.version.value = answer.version;
    noteSeen();
    waiting = answer.waiting;
    for (const [part, html] of Object.entries(answer.parts)) put(`live-${part}`, html);
    grow();
    return words;
  }

  // A page that is loaded or shown again may have been made before the last save of the
  // same hand, which was on its way, was written; and on its way it may still be.
  async function catchUp([pause, ...rest] = LATE_MS) {
    const answer = await ask(form.dataset.now);
    const now = answer.status === 200 && parsed(answer.text)?.item;
    if (!now || pending || conflict || composing) return;
    if (String(now.version) === form.elements.version.value) {
      if (pause) setTimeout(catchUp, pause, rest);
      return;
    }
    still(() => {
      const words = take(now, { ...stored });
      if (words.length) tell(words.join(" "));
      say(isChanged() ? "Not saved yet" : now.saved);
    });
  }

  function refuse(code, text) {
    const { as, sent } = pending;
    pending = null;
    next = null;
    trouble = "";
    alert.replaceChildren();
    const answer = parsed(text) ?? {
      refused: { "": ["The server refused it. Copy what you typed"] },
    };
    say("Not saved");
    tell("");
    if (answer.conflict) {
      conflict = true;
      disputed = sent;
      byId("live-conflict").innerHTML = answer.conflict;
      alert.append(quarrelSaid(answer.own));
    } else {
      refusedAs = as;
      clearErrors();
      for (const [name, sentences] of Object.entries(answer.refused)) {
        showError(name, sentences);
      }
    }
    settle(false);
  }

  function clearErrors() {
    alert.replaceChildren();
    form.querySelectorAll("[data-live-error]").forEach((error) => error.remove());
  }

  function showError(name, sentences) {
    const error = refusalSaid(sentences);
    const field = form.elements[name];
    if (!field) {
      alert.append(error);
      return;
    }
    error.role = "alert";
    field.before(error);
  }

  function complain(why) {
    alert.replaceChildren(troubleSaid(why, form.dataset.signIn));
    tell("");
  }

  // What was done stands for a while.
  let told = 0;
  function tell(words) {
    clearTimeout(told);
    status.textContent = words;
    if (words) told = setTimeout(() => tell(""), STANDS_MS);
  }

  function say(words) {
    if (state.textContent !== words) state.textContent = words;
  }

  // Only what is new replaces what is there: the focus may be in it.
  function put(id, html) {
    if (shown[id] === html) return;
    const place = byId(id);
    const held = place.contains(document.activeElement) && document.activeElement;
    const key = held && held.getAttribute("href");
    shown[id] = html;
    place.innerHTML = html;
    if (key) place.querySelector(`[href="${CSS.escape(key)}"]`)?.focus();
  }

  function noteSeen() {
    const words = Object.entries(seen).map((pair) => pair.join(":"));
    form.elements.seen.value = words.join(" ");
  }

  // Two texts

  // What was typed since they were compared stays, whatever was compared.
  function merged(name, both, theirs) {
    const now = fields[name].value;
    const then = disputed?.[name] ?? now;
    if (now.startsWith(then)) return both + now.slice(then.length);
    return `${now}\n\n${theirs}`;
  }

  function choose(choice) {
    const place = byId("live-conflict");
    const section = place.querySelector("#conflict");
    const theirSeen = digests(section.dataset.seen);
    form.elements.version.value = section.dataset.version;
    for (const theirs of section.querySelectorAll("[data-theirs]")) {
      const name = theirs.dataset.theirs;
      const both = section.querySelector(`[data-both="${name}"]`);
      stored[name] = theirs.value;
      seen[name] = theirSeen[name];
      if (choice === "theirs") fields[name].value = theirs.value;
      if (choice === "both" && name !== "assurance")
        fields[name].value = merged(name, both.value, theirs.value);
    }
    noteSeen();
    alert.replaceChildren();
    place.replaceChildren();
    conflict = false;
    tell(choiceSaid(choice, "own" in section.dataset));
    grow();
    fields.notes.focus();
    if (isChanged()) save();
    else say("Saved");
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=settle]");
    if (!button) return;
    event.preventDefault();
    choose(button.value);
  });

  // Typing

  form.addEventListener("input", (event) => {
    if (NAMES.includes(event.target.name)) {
      if (isChanged()) {
        if (!trouble && !conflict) say("Not saved yet");
        if (status.textContent.startsWith(RECOVERED)) tell("");
        soon();
      }
      if (event.target === fields.notes) grow();
      if (event.inputType === "historyUndo") {
        const words = unmarked(stored.notes ?? "", fields.notes.value);
        if (words) tell(words);
      }
    } else if (event.target === quick) {
      preview();
    }
  });
  form.addEventListener("change", (event) => {
    if (event.target === fields.assurance) save();
  });
  for (const name of ["notes", "decisions"]) {
    fields[name].addEventListener("compositionstart", () => (composing = true));
    fields[name].addEventListener("compositionend", () => (composing = false));
    fields[name].addEventListener("blur", () => {
      // Going to another window leaves the field where it was.
      if (document.activeElement !== fields[name]) save({ finished: name === "notes" });
      else save();
    });
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    fields.notes.style.height = "auto";
    fields.notes.style.height = `${fields.notes.scrollHeight + 4}px`;
  }

  // One action in a line

  let asking = 0;
  let asked = 0;
  function preview() {
    clearTimeout(asking);
    asking = setTimeout(async () => {
      const line = quick.value.trim();
      const mine = (asked += 1);
      let html = "";
      if (line && !trouble) {
        const answer = await post(
          form.dataset.understood,
          new URLSearchParams({ quick: line }).toString(),
        );
        if (answer.status === 200) html = answer.text.trim();
      }
      const place = byId("understood");
      if (mine === asked && place.innerHTML !== html && quick.value.trim() === line) {
        place.innerHTML = html;
      }
    }, ASK_MS);
  }

  function addLine() {
    const line = quick.value.trim();
    if (line && pending?.how.line !== line) save({ finished: true, line });
  }
  quick.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    addLine();
  });

  // Moving on

  // What would be typed here on the way to another page belongs there.
  let [leaving, isFree] = [false, false];
  function hold(isHeld) {
    [leaving, isFree] = [isHeld, false];
    for (const field of [fields.notes, fields.decisions, quick]) field.readOnly = isHeld;
  }

  async function leave(how) {
    hold(true);
    if (await flush()) {
      // Not from within the event that asked for it: browsers ignore that.
      setTimeout(() => {
        isFree = true;
        how();
      });
      // Somebody may have stayed after all.
      setTimeout(() => hold(false), PATIENCE_MS);
    } else {
      hold(false);
    }
  }

  const go = (address) => leave(() => window.location.assign(address));
  const submitSaved = (other, button) => leave(() => other.requestSubmit(button));

  document.addEventListener("submit", (event) => {
    const { submitter, target } = event;
    if (isFree || (target !== form && !isUnsaved())) return;
    event.preventDefault();
    if (leaving) return;
    // A page of its own, to which what was typed is saved on the way.
    if (target !== form || submitter?.value === "action") {
      submitSaved(target, submitter);
    } else if (quick.value.trim()) {
      addLine();
    } else if (submitter?.value === "next") {
      go(form.dataset.next);
    } else if (conflict) {
      goToHeading(byId("theirs"));
    } else {
      refusedAs = null;
      flush();
    }
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const isPlain =
      link &&
      event.button === 0 &&
      !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) &&
      !link.target &&
      !link.hasAttribute("download") &&
      link.origin === window.location.origin &&
      !link.getAttribute("href").startsWith("#");
    if (!isPlain || event.defaultPrevented) return;
    // What cannot be saved now does not hold anybody here: the browser asks.
    if (trouble || conflict || refusedAs || quick.value.trim()) return;
    if (!isUnsaved() && !isWanted({ finished: true })) return;
    event.preventDefault();
    go(link.href);
  });

  // What is unsaved is sent all the same: it arrives after the page is gone.
  window.addEventListener("beforeunload", (event) => {
    if (!isUnsaved()) return;
    save();
    event.preventDefault();
  });
  window.addEventListener("pagehide", () => {
    save();
    tryAgain();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    hold(false);
    catchUp();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) save();
    else if (trouble) tryAgain();
  });
  for (const name of ["online", "focus"]) {
    window.addEventListener(name, () => trouble && tryAgain());
  }

  markAttendance(form, { post, save, tell });
  changeActions({ ask, post, put, tell });

  helpHands(form, {
    tell,
    keys: {
      KeyN: () => form.dataset.next && go(form.dataset.next),
      KeyP: () => form.dataset.previous && go(form.dataset.previous),
      KeyO: toNotes,
      KeyA: () => quick.focus(),
      KeyS: () => flush(),
    },
  });

  // To where one was writing, or else to the end.
  let wasThere = false;
  fields.notes.addEventListener("blur", () => (wasThere = true));
  function toNotes() {
    if (wasThere) fields.notes.focus();
    else goToEnd(fields.notes);
  }
  const WAYS = {
    "#id_notes": toNotes,
    "#theirs": () => goToHeading(byId("theirs")),
  };
  document.addEventListener("click", (event) => {
    const way = WAYS[event.target.closest("a[href^='#']")?.getAttribute("href")];
    if (!way) return;
    event.preventDefault();
    way();
  });

  // Where one is on a long agenda is in sight.
  const agenda = document.querySelector(".app-minutes__agenda");
  const here = agenda.querySelector("[aria-current]");
  if (here) agenda.scrollTop = here.offsetTop - agenda.clientHeight / 2;
  grow();
  // Somebody may have typed before this script came.
  if (!isRefused && isChanged()) soon();
  if (window.location.hash === "#id_notes") arriveAt(fields.notes);
  const [arrival] = performance.getEntriesByType("navigation");
  if (!isRefused && ["reload", "back_forward"].includes(arrival?.type)) catchUp();
}

// What the server put into the fields.
function asOpened({ notes, decisions, assurance }) {
  const chosen = [...assurance.options].find((option) => option.defaultSelected);
  return {
    notes: notes.defaultValue,
    decisions: decisions.defaultValue,
    assurance: (chosen ?? assurance.options[0]).value,
  };
}
