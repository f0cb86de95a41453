// One Chromium per test file, one fresh context per page: nothing leaks from one test into the next.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { after } from "node:test";
import { chromium } from "playwright-core";

const SHOTS = fileURLToPath(new URL("../shots/", import.meta.url));
const ACTION_LIMIT_MS = 15_000;
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Organizations live at host names of their own; every name under .localhost is this machine, nothing else resolves.
  "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
];

let browser;

/** The path of Chromium: CHROMIUM_PATH, else Debian's. */
export function chromiumPath() {
  const path = process.env.CHROMIUM_PATH || "/usr/bin/chromium";
  assert.ok(existsSync(path), `there is no Chromium at ${path}; set CHROMIUM_PATH`);
  return path;
}

async function launched() {
  if (!browser) {
    browser = await chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });
  }
  return browser;
}

after(async () => {
  await browser?.close();
  browser = undefined;
});

/**
 * Opens a page in a context of its own and closes both, whatever happens. Fails when the page threw, logged an error or
 * broke its own content security policy.
 *
 * `options` go to Playwright's newContext (viewport, colorScheme, javaScriptEnabled, ...), except `expectedErrors`:
 * regular expressions of console errors the test provokes on purpose (a 409's "Failed to load resource", say).
 */
export async function withPage(use, { expectedErrors = [], ...options } = {}) {
  const context = await (await launched()).newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(ACTION_LIMIT_MS);
  const complaints = [];
  const complain = (text) => {
    if (!expectedErrors.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  context.on("weberror", (error) => complain(error.error().message));
  context.on("console", (message) => {
    if (message.type() === "error") complain(message.text());
  });
  try {
    const page = await context.newPage();
    await use(page, context);
    assert.deepEqual(complaints, [], "the browser complained");
  } finally {
    await context.close();
  }
}

/** Saves what the page shows as tests/browser/shots/NAME.png (not under version control). */
export async function shot(page, name, { fullPage = true } = {}) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}${name}.png`, fullPage, animations: "disabled" });
}
