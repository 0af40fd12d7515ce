// Opens the document on standard input and writes what it holds as JSON: heads, package, unit, version, and each entry's
// bytes in hexadecimal under its key. Nothing is judged here; the test that calls this knows what must come out.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

// The packages lie in the target folder, which is named on the command line.
const require = createRequire(pathToFileURL(`${process.argv[2]}/package.json`));
const Automerge = await import(pathToFileURL(require.resolve("@automerge/automerge")));

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const document = Automerge.load(readFileSync(0));
const entries = Object.entries(document.entries).map(([place, bytes]) => [place, hex(bytes)]);
// Saved and loaded once more by the JavaScript side, it is still the same.
const again = Automerge.getHeads(Automerge.load(Automerge.save(document)));

console.log(
  JSON.stringify({
    heads: Automerge.getHeads(document).sort(),
    again: again.sort(),
    changes: Automerge.getAllChanges(document).length,
    package: hex(document.package),
    unit: String(document.unit),
    version: Number(document.version),
    fields: Object.keys(document).sort(),
    entries: Object.fromEntries(entries),
  }),
);
