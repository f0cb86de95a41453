// The harness proves itself on pages of its own: what it should accept it accepts, what it should refuse it refuses.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { shot, withPage } from "../lib/chromium.mjs";

const GOOD = `<!doctype html><html lang="en"><head><title>Room</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"></head><body><main><h1>A room</h1><label>Name <input></label></main></body></html>`;
const PAGES = {
  "/good": GOOD,
  "/unlabelled": GOOD.replace("<label>Name <input></label>", "<input>"),
  "/inline-script": GOOD.replace("</main>", "</main><script>document.title = 'ran'</script>"),
  "/wide": GOOD.replace("<input>", "<input size=200>"),
};

let origin;
let server;

before(async () => {
  server = createServer((request, response) => {
    // The policy Coterie itself serves with: the harness must work under it, not around it.
    response.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'");
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.writeHead(PAGES[request.url] ? 200 : 404).end(PAGES[request.url]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://chain.localhost:${server.address().port}`;
});
after(() => server.close());

test("an accessible page under a strict policy passes, and can be photographed", () =>
  withPage(async (page) => {
    await page.goto(`${origin}/good`);
    await axe(page);
    await fitsWidth(page);
    await shot(page, "harness");
  }));

test("a field without a label is refused by axe", () =>
  withPage(async (page) => {
    await page.goto(`${origin}/unlabelled`);
    await assert.rejects(axe(page), /label/);
  }));

test("a page wider than its window is noticed", () =>
  withPage(
    async (page) => {
      await page.goto(`${origin}/wide`);
      await assert.rejects(fitsWidth(page), /px wide/);
    },
    { viewport: { width: 360, height: 640 } },
  ));

test("a script that the content security policy blocks fails the test", () =>
  assert.rejects(
    withPage((page) => page.goto(`${origin}/inline-script`)),
    /the browser complained/,
  ));
