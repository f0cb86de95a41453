// A tablet beside a room's door: it shows that the room is taken as soon as somebody books it elsewhere, without being touched,
// and a member books it on the spot by her code. Held to WCAG by axe at the size of a tablet and on a phone in the dark.

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
let door;
let code;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
});
after(async () => {
  await coterie?.stop();
});

test("staff make the door's page, a member makes her code", { timeout: 120_000 }, async () => {
  await withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/resources/${made.resource_id}`));
    await page.getByRole("button", { name: "Make a door page" }).click();
    door = await page.locator("#door-address").textContent();
    await axe(page);
  });
  await withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE.viewport);
    await page.goto(made.at("/bookings"));
    await page.getByRole("link", { name: "Door code" }).click();
    await axe(page);
    await page.getByRole("button", { name: "Make a code" }).click();
    code = await page.locator("#door-code").textContent();
    assert.match(code, /^\d{6}$/);
    await axe(page);
    await fitsWidth(page);
    await shot(page, "door-code");
  });
});

test("the board turns busy when the room is booked elsewhere, without being loaded again", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(door);
    await page.getByText("Free", { exact: true }).waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "door-free");
    await page.evaluate(() => (globalThis.untouched = true));
    const { member_id } = bea;
    const booking = await made.call("/v1/bookings", {
      member_id,
      resource_id: made.resource_id,
      starts_at: "2026-01-20T10:00",
      ends_at: "2026-01-20T11:00",
    });
    await page.getByText("Busy", { exact: true }).waitFor();
    await page.getByText("until 11:00").waitFor();
    assert.equal(await page.evaluate(() => globalThis.untouched), true, "it is the same page");
    assert.equal(await page.getByText("Bea").count(), 0, "it tells nobody's name");
    await axe(page);
    await page.getByRole("link", { name: "Check in" }).waitFor();
    await shot(page, "door-busy");
    // It has begun, so it cannot be cancelled; the sandbox's clock goes on until it is over.
    assert.ok(booking.booking_id);
    await made.call("/v1/test_clock/advance", { to: "2026-01-20T10:00:00Z", wait: true });
    await page.getByText("Free", { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => globalThis.untouched), true, "it is still the same page");
  }, TABLET));

test("a member books on the spot by her code, on a phone", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(door);
    await axe(page);
    await fitsWidth(page);
    await page.getByRole("link", { name: /^30 min/ }).click();
    await axe(page);
    await fitsWidth(page);
    await fill(page, { code: code === "000000" ? "000001" : "000000" });
    await page.getByRole("button", { name: "Book it" }).click();
    await page.getByText("Nobody has this code.").first().waitFor();
    await axe(page);
    await shot(page, "door-wrong-code");
    await fill(page, { code });
    await page.getByRole("button", { name: "Book it" }).click();
    await page.getByText("Booked from 11:00 to 11:30.").waitFor();
    await page.getByText("Busy", { exact: true }).waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "door-booked");
  }, { ...PHONE, expectedErrors: [/422/] }));

test("without scripts the board loads itself anew", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(door);
    await page.getByText("Busy", { exact: true }).waitFor();
    const refresh = page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]");
    assert.equal(await refresh.getAttribute("content"), "30");
  }, { ...TABLET, javaScriptEnabled: false }));
