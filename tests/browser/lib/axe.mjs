// Accessibility, judged by axe-core inside the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const SOURCE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Asserts that the page breaks no WCAG 2.0, 2.1 or 2.2 rule of level A or AA that axe can judge. */
export async function axe(page) {
  await page.evaluate(SOURCE);
  const result = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
  assert.ok(result.passes.length > 0, "axe judged nothing");
  const broken = result.violations.map(
    (violation) =>
      `${violation.id}: ${violation.help}\n` + violation.nodes.map((node) => `  ${node.html}\n  ${node.failureSummary}`).join("\n"),
  );
  assert.equal(broken.length, 0, `${page.url()} is not accessible:\n${broken.join("\n")}`);
}

/** Asserts that the page can be read without scrolling sideways at its present width. */
export async function fitsWidth(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, globalThis.innerWidth]);
  assert.ok(content <= window, `${page.url()} is ${content} px wide in a window of ${window} px`);
}
