// Runs every journey in Chromium, one file after the other, and closes with one line that counts them.
// Usage: node tests/browser/run.mjs [part of a file's name ...]

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "node:test";

const journeys = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "journeys");
const wanted = process.argv.slice(2);
const files = readdirSync(journeys)
  .filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort()
  .map((name) => join(journeys, name));

const FILE_LIMIT_MS = 10 * 60 * 1000;
const counted = { passed: 0, failed: 0, skipped: 0 };

function report(mark, data) {
  console.log(`${"  ".repeat(data.nesting)}${mark} ${data.name} (${Math.round(data.details.duration_ms)} ms)`);
}

/** The error as a person wants it: the assertion's own words and where it stood, without the runner's wrapping. */
function explain(error) {
  const cause = error?.cause ?? error;
  return String(cause?.stack ?? cause?.message ?? cause).replace(/^/gm, "    ");
}

const stream = run({ files, concurrency: 1, timeout: FILE_LIMIT_MS });
stream.on("test:pass", (data) => {
  if (data.details.type === "suite") return;
  if (data.skip !== undefined || data.todo !== undefined) {
    counted.skipped += 1;
    report("-", data);
  } else {
    counted.passed += 1;
    report("✔", data);
  }
});
stream.on("test:fail", (data) => {
  if (data.details.type === "suite") return;
  counted.failed += 1;
  report("✖", data);
  console.log(explain(data.details.error));
});
stream.on("test:stdout", (data) => process.stdout.write(data.message));
stream.on("test:stderr", (data) => process.stderr.write(data.message));
stream.on("end", () => {
  // A run that tried nothing proves nothing.
  if (counted.passed + counted.failed + counted.skipped === 0) counted.failed = 1;
  console.log(`${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);
  process.exitCode = counted.failed === 0 ? 0 : 1;
});
stream.resume();
