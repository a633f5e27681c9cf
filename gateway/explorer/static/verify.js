// Checks, in this page, that what it shows is what was logged: nothing is asked of the server but the proof.
// Formats as in verify.py: RFC 6962 leaves and nodes, RFC 9162 (2.1.3.2) inclusion, C2SP signed notes with Ed25519 (RFC 8032).

const text = new TextEncoder();
const LEAF_FORMAT = "21:gateway-audit-leaf/v1,";

const bytes = (base64) => Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
const same = (a, b) => a.length === b.length && a.every((one, at) => one === b[at]);
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function commitment(salt, body) {
  const key = await crypto.subtle.importKey("raw", salt, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, text.encode(body)));
}

// Netstrings (cr.yp.to/proto/netstrings.txt): each says its length, so no two entries have the same bytes.
function leafData(entry, committed) {
  const words = [String(entry.seq), entry.kind, entry.phase, entry.at, entry.call_id].map((word) => text.encode(word));
  const parts = [text.encode(LEAF_FORMAT)];
  for (const word of [...words, committed]) parts.push(text.encode(`${word.length}:`), word, text.encode(","));
  return joined(...parts);
}

const leafHash = (data) => sha256(joined(Uint8Array.of(0), data));
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

async function rootOf(index, size, leaf, path) {
  let at = index;
  let last = size - 1;
  let made = leaf;
  for (const sibling of path) {
    if (last === 0) return null;
    if (at % 2 === 1 || at === last) {
      made = await nodeHash(sibling, made);
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
      }
    } else {
      made = await nodeHash(made, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? made : null;
}

// NAME+ID+KEY: the id is four bytes of a digest of name and key.
async function verifierKey(written) {
  const [name, id, ...rest] = written.trim().split("+");
  const raw = bytes(rest.join("+"));
  const digest = await sha256(joined(text.encode(`${name}\n`), raw));
  const hex = [...digest.slice(0, 4)].map((one) => one.toString(16).padStart(2, "0")).join("");
  if (!name || raw.length !== 33 || raw[0] !== 1 || hex !== id) throw new Error("not a verifier key");
  return { name, id: digest.slice(0, 4), raw: raw.slice(1) };
}

function checkpoint(note) {
  const cut = note.lastIndexOf("\n\n");
  const head = note.slice(0, cut + 1);
  const [origin, size, root] = head.split("\n");
  const signatures = note
    .slice(cut + 2)
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" "))
    .map(([, name, signature]) => ({ name, raw: bytes(signature) }));
  return { head, origin, size: Number(size), root: bytes(root), signatures };
}

async function signed(note, key) {
  const mine = note.signatures.find((one) => one.name === key.name && same(one.raw.slice(0, 4), key.id));
  if (!mine || note.origin !== key.name) return false;
  const imported = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, mine.raw.slice(4), text.encode(note.head));
}

// What the page shows is what is checked: the text of the entry's body, not what the server says of it.
function shownBody(index) {
  const shown = document.querySelector(`pre[data-index="${Number(index)}"]`);
  return shown === null ? null : { body: shown.textContent, erased: shown.dataset.erased === "yes" };
}

async function checkEntry(entry, note, told) {
  const shown = shownBody(entry.index);
  const committed = bytes(entry.commitment);
  if (shown === null) return told("commitment", entry, false);
  if (shown.erased) told("erased", entry, entry.salt === null);
  else if (!told("commitment", entry, entry.salt !== null && same(await commitment(bytes(entry.salt), shown.body), committed))) return false;
  const root = await rootOf(entry.index, note.size, await leafHash(leafData(entry, committed)), entry.path.map(bytes));
  return told("leaf", entry, root !== null && same(root, note.root));
}

async function check(place, written) {
  const steps = document.getElementById("steps");
  steps.replaceChildren();
  const told = (step, entry, well) => {
    const line = document.createElement("li");
    line.className = well ? "good" : "bad";
    const sentence = place.dataset[`step${step[0].toUpperCase()}${step.slice(1)}`];
    line.textContent = `${well ? "✓" : "✗"} ${sentence.replace("{leaf}", entry ? String(entry.index) : "").replace("{size}", String(size))}`;
    steps.append(line);
    return well;
  };
  let size = 0;
  const answer = await fetch(place.dataset.proof, { headers: { accept: "application/json" }, redirect: "error" });
  const proof = await answer.json();
  const note = checkpoint(proof.note);
  size = note.size;
  const shown = [...document.querySelectorAll("pre[data-index]")].map((one) => Number(one.dataset.index));
  let well = shown.length === proof.entries.length;
  for (const entry of proof.entries) well = (await checkEntry(entry, note, told)) && well;
  const key = await verifierKey(written).catch(() => null);
  if (key === null) return told("key", null, false);
  return told("signature", null, await signed(note, key)) && well;
}

const place = document.getElementById("verify");
if (place) {
  const button = document.getElementById("verify-now");
  const verdict = document.getElementById("verdict");
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!globalThis.crypto?.subtle) {
      verdict.textContent = place.dataset.insecure;
      return;
    }
    place.classList.remove("good", "bad");
    verdict.textContent = place.dataset.working;
    const well = await check(place, document.getElementById("vkey").value).catch(() => false);
    place.classList.add(well ? "good" : "bad");
    verdict.textContent = well ? place.dataset.good : place.dataset.bad;
  });
}
