// "Who changed this?": from an invoice and from a booking to their histories, and by the slider to how they stood. Every
// page is held to WCAG by axe, at a desk and on a phone in the dark; and the form works where no script runs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark" };
let coterie;
let made;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
});
after(async () => {
  await coterie?.stop();
});

const at = (path) => made.at(path);
const signIn = (page) => made.signIn(page);

/** The slider, once the page has it. */
async function slider(page) {
  const range = page.getByRole("slider", { name: "Event" });
  await range.waitFor();
  return range;
}

const stood = (page) => page.locator("section", { has: page.getByRole("heading", { name: "How it stood" }) });

test("from an invoice to its history, and by the keyboard to how it stood", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await signIn(page);
    await page.goto(at("/finance/invoices"));
    await page.getByRole("link", { name: "BER-000001" }).first().click();
    await page.getByRole("link", { name: "History in the log" }).click();
    await page.getByRole("heading", { name: "BER-000001", level: 1 }).waitFor();
    await axe(page);
    await shot(page, "history-invoice");

    // The thing itself and the books: the slider steps through both.
    const range = await slider(page);
    const last = Number(await range.getAttribute("max"));
    assert.ok(last >= 2, `${last} events`);
    await range.focus();
    await page.keyboard.press("Home");
    await page.getByText(`After event 1 of ${last}: Invoice issued`).waitFor();
    assert.match(page.url(), /\?step=1$/);
    assert.match(await range.getAttribute("aria-valuetext"), /^Invoice issued, 20 Jan 2026/);
    await stood(page).getByText("open", { exact: true }).waitFor();
    assert.equal(await range.evaluate((element) => element === document.activeElement), true, "the slider keeps the focus");
    await axe(page);
  }));

test("a booking stood confirmed before it was cancelled", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await signIn(page);
    await page.goto(at(`/operator/bookings/${made.booking_id}`));
    await axe(page);
    await page.getByRole("link", { name: "History", exact: true }).click();
    await page.getByText("After event 2 of 2: Booking cancelled").waitFor();
    await stood(page).getByText("before: confirmed").waitFor();
    await axe(page);
    await shot(page, "history-booking");
    const range = await slider(page);
    await range.focus();
    await page.keyboard.press("ArrowLeft");
    await page.getByText("After event 1 of 2: Booking confirmed").waitFor();
    await stood(page).getByText("confirmed", { exact: true }).waitFor();
    assert.equal(await stood(page).locator(".badge").count(), 0, "nothing is marked as changed at the first event");
    await page.keyboard.press("ArrowRight");
    await page.getByText("After event 2 of 2: Booking cancelled").waitFor();

    // One event, its command, and everything of hers.
    await page.getByRole("link", { name: "Booking cancelled", exact: true }).click();
    await page.getByRole("heading", { name: "Booking cancelled", level: 1 }).waitFor();
    await page.getByText("API key").first().waitFor();
    await axe(page);
    await shot(page, "history-event");
    await page.locator("a[href^='/log/commands/']").first().click();
    await page.getByRole("heading", { name: "What one command wrote" }).waitFor();
    await axe(page);
    await page.goto(at(`/operator/members/${made.member_id}`));
    await page.locator("main .actions").getByRole("link", { name: "History", exact: true }).click();
    await page.getByRole("heading", { name: "Ada Member" }).waitFor();
    await axe(page);
    await shot(page, "history-member");
    await page.goto(at("/log?category=booking"));
    await page.getByText("Booking cancelled: 0 % of the price still due").waitFor();
    await axe(page);
    await shot(page, "history-log");
  }));

test("where no script runs, the form asks by its buttons", { timeout: 120_000 }, () =>
  withPage(
    async (page) => {
      await signIn(page);
      await page.goto(at(`/log/streams/${made.booking_id}?step=1`));
      await page.getByText("After event 1 of 2: Booking confirmed").waitFor();
      const range = await slider(page);
      await range.focus();
      await page.keyboard.press("End");
      await page.getByRole("button", { name: "Show", exact: true }).click();
      await page.getByText("After event 2 of 2: Booking cancelled").waitFor();
      await page.locator("#field-as_of").fill("2026-01-19T09:00");
      await page.getByRole("button", { name: "Go", exact: true }).click();
      await page.getByText("It did not exist yet.").waitFor();
    },
    { javaScriptEnabled: false },
  ));

test("on a phone, in the dark", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await signIn(page);
    for (const [name, path] of [
      ["log", "/log"],
      ["stream", `/log/streams/${made.booking_id}`],
      ["event", "/log/12"],
      ["member", `/log/members/${made.member_id}`],
    ]) {
      await page.goto(at(path));
      await page.getByRole("heading", { level: 1 }).waitFor();
      await fitsWidth(page);
      await axe(page);
      await shot(page, `history-phone-${name}`);
    }
    await page.locator("a[href^='/log/commands/']").first().click();
    await page.getByRole("heading", { name: "What one command wrote" }).waitFor();
    await fitsWidth(page);
    await axe(page);
    await page.goto(at("/finance/invoices"));
    await page.getByRole("link", { name: "BER-000001" }).first().click();
    await page.getByRole("link", { name: "History in the log" }).click();
    await page.getByRole("heading", { name: "BER-000001", level: 1 }).waitFor();
    await fitsWidth(page);
    await axe(page);
    await shot(page, "history-phone-invoice");
  }, PHONE));
