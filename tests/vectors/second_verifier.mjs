// A second verifier of the share log, made from docs/log-format.md alone, with nothing but what Node brings.
// `node second_verifier.mjs check FOLDER`: what it finds in the vectors, as JSON.
// `node second_verifier.mjs mutations FOLDER`: of which files which changed bytes went unnoticed, as JSON.

import { createHash, createHmac, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

class Broken extends Error {}

const need = (holds, why) => {
  if (!holds) throw new Broken(why);
};
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const byte = (value) => Buffer.from([value]);
const leafHash = (data) => sha256(byte(0), data);
const nodeHash = (left, right) => sha256(byte(1), left, right);

const text = (data) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);

function base64(coded) {
  const data = Buffer.from(coded, "base64");
  need(data.toString("base64") === coded, "base64 in a wrong spelling");
  return data;
}

function decimal(digits) {
  need(/^(0|[1-9][0-9]{0,15})$/.test(digits), "not a number");
  return Number(digits);
}

// --- canonical JSON -------------------------------------------------------------------------------------------

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") {
    need(typeof value !== "number" || Number.isSafeInteger(value), "a number that no leaf holds");
    return JSON.stringify(value);
  }
  const names = Object.keys(value).sort();
  need(names.every((name) => /^[\x00-\x7f]*$/.test(name)), "a name beyond ASCII");
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function read(data) {
  const written = text(data);
  const value = JSON.parse(written);
  need(canonical(value) === written, "not canonical JSON");
  return value;
}

function readLeaf(data) {
  const leaf = read(data);
  const whole = (value) => Number.isSafeInteger(value);
  const string = (value) => typeof value === "string";
  need(whole(leaf.v) && string(leaf.type) && string(leaf.eid) && whole(leaf.t), "not a leaf");
  need(Array.isArray(leaf.segments), "not a leaf");
  leaf.segments.forEach((one, n) => need(one.n === n && string(one.ch), "ciphertexts are not numbered"));
  return leaf;
}

// --- notes ----------------------------------------------------------------------------------------------------

function readKey(written, kind = 1) {
  const [, name, id, coded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)\s*$/.exec(written);
  const key = base64(coded);
  need(key.length === 33 && key[0] === kind, "another kind of key");
  need(sha256(`${name}\n`, key).subarray(0, 4).toString("hex") === id, "the id is not the key's");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key.subarray(1)]);
  return { name, id, public: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

function readNote(note) {
  need(!/[\x00-\x09\x0b-\x1f]/.test(note), "a control character");
  const end = note.lastIndexOf("\n\n");
  need(end > 0 && note.endsWith("\n"), "not a signed note");
  const body = note.slice(0, end + 1);
  const signatures = note
    .slice(end + 2, -1)
    .split("\n")
    .map((line) => {
      const [, name, coded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? need(false, "not a signature line");
      const data = base64(coded);
      return { name, id: data.subarray(0, 4).toString("hex"), signature: data.subarray(4) };
    });
  const [origin, size, root, ...more] = body.slice(0, -1).split("\n");
  need(origin && root && more.every((line) => line), "not a checkpoint");
  const checkpoint = { origin, size: decimal(size), root: base64(root), body, signatures };
  need(checkpoint.root.length === 32, "a root has 32 bytes");
  return checkpoint;
}

function openNote(note, key) {
  const checkpoint = readNote(note);
  need(checkpoint.origin === key.name, "of another log");
  const ours = checkpoint.signatures.filter((one) => one.name === key.name && one.id === key.id);
  need(ours.length > 0, "not signed by the key");
  for (const one of ours) need(verify(null, Buffer.from(checkpoint.body), key.public, one.signature), "another signature");
  return checkpoint;
}

function seenBy(note, witness) {
  const { body, signatures } = readNote(note);
  const ours = signatures.filter((one) => one.name === witness.name && one.id === witness.id);
  need(ours.length > 0, "the witness did not see it");
  return ours.map(({ signature }) => {
    const time = signature.readBigUInt64BE(0);
    const signed = Buffer.from(`cosignature/v1\ntime ${time}\n${body}`);
    need(signature.length === 72 && verify(null, signed, witness.public, signature.subarray(8)), "another cosignature");
    return Number(time);
  });
}

// --- trees and proofs -----------------------------------------------------------------------------------------

class Tree {
  size = 0;
  #peaks = [];

  add(hash) {
    for (let size = this.size; size % 2 === 1; size = (size - 1) / 2) hash = nodeHash(this.#peaks.pop(), hash);
    this.#peaks.push(hash);
    this.size += 1;
  }

  root() {
    return this.#peaks.length === 0 ? sha256() : this.#peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

function included(index, size, leaf, path, root) {
  need(index < size, "beyond the end");
  let [place, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    need(last > 0, "a path too long");
    if (place % 2 === 1 || place === last) {
      hash = nodeHash(sibling, hash);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else hash = nodeHash(hash, sibling);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  need(last === 0 && hash.equals(root), "the path leads elsewhere");
}

function consistent(old, now, proof) {
  need(old.size <= now.size, "entries are gone");
  if (old.size === now.size || old.size === 0) {
    need(proof.length === 0, "hashes that nobody asked for");
    need(old.size !== now.size || old.root.equals(now.root), "another log");
    return;
  }
  const path = Math.log2(old.size) % 1 === 0 ? [old.root, ...proof] : proof;
  need(path.length > 0, "no proof");
  let [place, last] = [old.size - 1, now.size - 1];
  while (place % 2 === 1) [place, last] = [(place - 1) / 2, Math.floor(last / 2)];
  let [before, after] = [path[0], path[0]];
  for (const hash of path.slice(1)) {
    need(last > 0, "a proof too long");
    if (place % 2 === 1 || place === last) {
      [before, after] = [nodeHash(hash, before), nodeHash(hash, after)];
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else after = nodeHash(after, hash);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  need(last === 0 && before.equals(old.root) && after.equals(now.root), "another log");
}

function splitProof(data, header) {
  const written = text(data);
  const end = written.indexOf("\n\n");
  const [first, ...lines] = written.slice(0, end).split("\n");
  need(end > 0 && first === header, "another file");
  return [lines, written.slice(end + 2)];
}

function numbered(line, word) {
  need(line?.startsWith(`${word} `), `no ${word}`);
  return decimal(line.slice(word.length + 1));
}

function checkProof(data, key) {
  const [lines, note] = splitProof(data, "c2sp.org/tlog-proof@v1");
  need(lines[0]?.startsWith("extra "), "no leaf");
  const extra = base64(lines.shift().slice("extra ".length));
  const index = numbered(lines.shift(), "index");
  const checkpoint = openNote(note, key);
  included(index, checkpoint.size, extra.length === 32 ? extra : leafHash(extra), lines.map(base64), checkpoint.root);
  return { index, type: extra.length === 32 ? null : readLeaf(extra).type };
}

function checkConsistency(oldNote, data, key) {
  const [lines, note] = splitProof(data, "ai-gateway/consistency-proof@v1");
  const old = openNote(oldNote, key);
  need(numbered(lines.shift(), "old") === old.size, "for another checkpoint");
  const now = openNote(note, key);
  consistent(old, now, lines.map(base64));
  return { old: old.size, new: now.size };
}

// --- exports --------------------------------------------------------------------------------------------------

function tarHeader(name, size) {
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  const block = Buffer.alloc(512);
  const fields = [octal(0o644, 7), octal(0, 7), octal(0, 7), octal(size, 11), octal(0, 11), "        ", "0"];
  block.write(name, 0, "latin1");
  block.write(fields.join(""), 100, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  block.write(`${octal(block.reduce((sum, one) => sum + one, 0), 6)} `, 148, "latin1");
  return block;
}

function* members(tar) {
  let at = 0;
  for (; !tar.subarray(at, at + 512).equals(Buffer.alloc(512)); ) {
    const block = tar.subarray(at, at + 512);
    need(block.length === 512, "the file ends early");
    const name = block.subarray(0, 100).toString("latin1").replace(/\0+$/, "");
    const size = Number.parseInt(block.subarray(124, 135).toString("latin1"), 8);
    need(size >= 0 && size <= 256 * 2 ** 20 && block.equals(tarHeader(name, size)), "a header of another form");
    const end = at + 512 + size;
    const next = at + 512 + Math.ceil(size / 512) * 512;
    need(tar.length >= next && tar.subarray(end, next).every((one) => one === 0), "padding");
    yield [name, tar.subarray(at + 512, end)];
    at = next;
  }
  need(tar.subarray(at).equals(Buffer.alloc(1024)), "the end is of another form");
}

function lines(data) {
  need(data.length === 0 || data.at(-1) === 10, "a line without its end");
  const found = [];
  for (let at = 0; at < data.length; ) {
    const end = data.indexOf(10, at);
    found.push(data.subarray(at, end));
    at = end + 1;
  }
  return found;
}

class Log {
  tree = new Tree();
  counts = { entries: 0, pruned: 0, intents: 0, outcomes: 0, segments: 0, segments_gone: 0, checkpoints: 0 };
  hashes = [];
  leaves = [];
  #open = new Set();
  #waiting = [];
  #page = new Map();
  #tally = { policy: new Map(), prompt: new Map(), taxonomy: new Map() };

  expect(checkpoint) {
    need(checkpoint.size >= this.tree.size, "a checkpoint out of its place");
    this.#waiting.push(checkpoint);
    this.#meet();
  }

  #meet() {
    for (const one of this.#waiting.filter(({ size }) => size === this.tree.size)) {
      need(one.root.equals(this.tree.root()), `another root at ${one.size}`);
      this.counts.checkpoints += 1;
    }
    this.#waiting = this.#waiting.filter(({ size }) => size > this.tree.size);
  }

  #place(hash) {
    this.hashes.push(hash);
    this.tree.add(hash);
    this.#meet();
  }

  turn() {
    this.counts.segments_gone += this.#page.size;
    this.#page.clear();
  }

  entry(line) {
    const index = this.tree.size;
    if (line[0] === 0x22) {
      const hash = read(line);
      need(/^[0-9a-f]{64}$/.test(hash), "neither a leaf nor a hash");
      this.counts.pruned += 1;
      this.leaves.push(null);
      this.#place(Buffer.from(hash, "hex"));
      return;
    }
    const leaf = readLeaf(line);
    this.leaves.push(leaf);
    if (leaf.type === "share.intent") {
      need(!this.#open.has(leaf.eid), "opened twice");
      this.#open.add(leaf.eid);
      this.counts.intents += 1;
    } else if (leaf.type === "share.outcome") {
      need(this.#open.delete(leaf.eid) || this.counts.pruned > 0, "closes what nobody opened");
      this.counts.outcomes += 1;
    }
    for (const [name, seen] of Object.entries(this.#tally)) {
      const digest = leaf[name];
      if (typeof digest !== "string") continue;
      const one = seen.get(digest) ?? { digest, entries: 0, first: index, last: index };
      seen.set(digest, { ...one, entries: one.entries + 1, last: index });
    }
    leaf.segments.forEach(({ n, ch }) => this.#page.set(`${index}/${n}`, ch));
    this.#place(leafHash(line));
  }

  segment(line) {
    const [index, n, coded] = read(line);
    const listed = this.#page.get(`${index}/${n}`);
    need(listed === sha256(base64(coded)).toString("hex"), `ciphertext ${index}/${n} is not the one listed`);
    this.#page.delete(`${index}/${n}`);
    this.counts.segments += 1;
  }

  end(policies) {
    this.turn();
    need(this.#waiting.length === 0, "it ends before a checkpoint");
    const listed = Object.entries(this.#tally).map(([name, seen]) => [name, [...seen.values()]]);
    need(canonical(Object.fromEntries(listed)) === text(policies), "another list of policies");
    this.counts.entries = this.tree.size;
  }
}

function checkExport(tar, key) {
  const waiting = members(tar);
  const next = (wanted) => {
    const [name, data] = waiting.next().value ?? [];
    need(name === wanted, `no ${wanted}`);
    return data;
  };
  const manifest = read(next("manifest.json"));
  need(Object.keys(manifest).join() === "ciphertexts,format,origin,size", "another manifest");
  need(manifest.format === "ai-gateway-share-log/1" && typeof manifest.ciphertexts === "boolean", "another format");
  const checkpoint = openNote(text(next("checkpoint.note")), key);
  need(checkpoint.origin === manifest.origin && checkpoint.size === manifest.size, "another checkpoint");
  const log = new Log();
  log.expect(checkpoint);
  let policies = null;
  for (const [name, data] of waiting) {
    need(policies === null, "it goes on after its end");
    const [kind, start] = name.split("/");
    if (name === "policies.json") policies = data;
    else if (kind === "checkpoints") lines(data).forEach((line) => log.expect(openNote(read(line), key)));
    else if (kind === "leaves") {
      need(start === `${String(log.tree.size).padStart(12, "0")}.jsonl` && data.length > 0, "pages out of order");
      log.turn();
      lines(data).forEach((line) => log.entry(line));
    } else {
      need(kind === "segments" && manifest.ciphertexts, "a member that no export has");
      lines(data).forEach((line) => log.segment(line));
    }
    need(log.tree.size <= checkpoint.size, "it goes on after its checkpoint");
  }
  need(policies !== null && log.tree.size === manifest.size, "it ends early");
  log.end(policies);
  return log;
}

// --- disclosures ----------------------------------------------------------------------------------------------

function checkDisclosure(data, log, key) {
  const { completeness } = JSON.parse(text(data));
  const { size } = openNote(completeness.checkpoint, key);
  const tagKey = Buffer.from(completeness.tag_key, "hex");
  const found = [];
  for (const [index, leaf] of log.leaves.slice(0, size).entries()) {
    for (const { n, tags } of leaf?.segments ?? []) {
      const number = Buffer.alloc(4);
      number.writeUInt32BE(n);
      const place = Buffer.concat([Buffer.from(`${leaf.eid}\0${leaf.type}\0`), number]);
      const tag = createHmac("sha256", tagKey).update(place).digest("hex").slice(0, 32);
      if (tags.includes(tag)) found.push([index, n]);
    }
  }
  need(JSON.stringify(found) === JSON.stringify(completeness.segments), "it leaves something out");
  return found.length;
}

// --- the command ----------------------------------------------------------------------------------------------

const [command, folder] = process.argv.slice(2);
const file = (name) => readFileSync(join(folder, name));
const key = readKey(text(file("key.txt")));

function check() {
  const log = checkExport(file("export.tar"), key);
  const disclosed = join("disclosure", "disclosure.json");
  const theirs = readKey(text(file(join("disclosure", "key.txt"))));
  return {
    leaf_hashes: log.hashes.map((hash) => hash.toString("hex")),
    root: log.tree.root().toString("hex"),
    counts: log.counts,
    entry: checkProof(file("entry.tlog-proof"), key),
    pruned: checkProof(file("pruned.tlog-proof"), key),
    consistency: checkConsistency(text(file("old.note")), file("consistency.txt"), key),
    seen: seenBy(text(file(join("disclosure", "cosigned.note"))), readKey(text(file(join("disclosure", "witness.txt"))), 4)),
    disclosed: checkDisclosure(file(disclosed), checkExport(file(join("disclosure", "export.tar")), theirs), theirs),
  };
}

function unnoticed(name, holds) {
  const data = file(name);
  const held = [];
  for (let at = 0; at < data.length; at += 1) {
    const changed = Buffer.from(data);
    changed[at] ^= 1 << (at % 8);
    try {
      holds(changed);
      held.push(at);
    } catch {
      continue;
    }
  }
  return held;
}

function mutations() {
  const old = text(file("old.note"));
  return {
    "export.tar": unnoticed("export.tar", (data) => checkExport(data, key)),
    "new.note": unnoticed("new.note", (data) => openNote(text(data), key)),
    "entry.tlog-proof": unnoticed("entry.tlog-proof", (data) => checkProof(data, key)),
    "consistency.txt": unnoticed("consistency.txt", (data) => checkConsistency(old, data, key)),
  };
}

process.stdout.write(`${JSON.stringify(command === "check" ? check() : mutations())}\n`);
