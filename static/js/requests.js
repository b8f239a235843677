// What the requests of the live minutes are made of and read by.

export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function digests(text) {
  return Object.fromEntries(text.split(" ").filter(Boolean).map((one) => one.split(":")));
}

// A random UUID, where crypto.randomUUID is missing too: over http.
export function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function lineInHand(field) {
  return field.value.slice(0, field.selectionStart).split("\n").length - 1;
}
