// A tablet at the entrance of a house: all rooms, what is free first, following along without being touched; whoever comes says
// by her code that she is here, and only then is she named. Held to WCAG by axe at the size of a tablet and on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const TABLET = { viewport: { width: 1024, height: 768 } };
const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark" };
let coterie;
let made;
let bea;
let kiosk;
let code;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
});
after(async () => {
  await coterie?.stop();
});

test("staff make the kiosk's page, a member makes her code", { timeout: 120_000 }, async () => {
  await withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/locations/${made.location_id}`));
    await page.getByRole("button", { name: "Make a kiosk page" }).click();
    kiosk = await page.locator("#kiosk-address").textContent();
    await axe(page);
  });
  await withPage(async (page) => {
    await bea.signIn(page);
    await page.goto(made.at("/door-code"));
    await page.getByRole("button", { name: "Make a code" }).click();
    code = await page.locator("#door-code").textContent();
  });
});

test("the rooms turn busy when they are booked elsewhere, and nobody is named", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(kiosk);
    await page.getByText("Nobody is expected any more today.").waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "kiosk-free");
    await page.evaluate(() => (globalThis.untouched = true));
    const { member_id } = bea;
    await made.call("/v1/bookings", {
      member_id,
      resource_id: made.resource_id,
      starts_at: "2026-01-20T10:00",
      ends_at: "2026-01-20T11:00",
    });
    await page.getByText("For 1 booking of today somebody is expected.").waitFor();
    await page.getByText("until 11:00").waitFor();
    assert.equal(await page.evaluate(() => globalThis.untouched), true, "it is the same page");
    assert.equal(await page.getByText("Bea").count(), 0, "it tells nobody's name");
    await axe(page);
    await shot(page, "kiosk-busy");
  }, TABLET));

test("whoever comes says by her code that she is here, on a phone", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(kiosk);
    await axe(page);
    await fitsWidth(page);
    await shot(page, "kiosk-phone");
    await page.getByRole("link", { name: "I am here" }).click();
    await axe(page);
    await fitsWidth(page);
    await fill(page, { code: code === "000000" ? "000001" : "000000" });
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText("Nobody has this code.").first().waitFor();
    await axe(page);
    await fill(page, { code });
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByRole("heading", { name: /^Hello, Bea/ }).waitFor();
    await page.getByText("You are checked in.").waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "kiosk-arrived");
    await page.getByRole("link", { name: "Done" }).click();
    await page.getByText("Nobody is expected any more today.").waitFor();
    assert.equal(await page.getByText("Bea").count(), 0, "she is gone from the page");
  }, { ...PHONE, expectedErrors: [/422/] }));

test("without scripts the page loads itself anew", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(kiosk);
    await page.getByText("Now and next").waitFor();
    const refresh = page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]");
    assert.equal(await refresh.getAttribute("content"), "30");
  }, { ...TABLET, javaScriptEnabled: false }));
