// A month that is over is priced by a draft: written from what is published, shown with how far to trust it, explained line by line,
// at a desk and on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
let coterie;
let made;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  const { member_id } = await bringBeaIn(made);
  const { resource_id } = made;
  for (const day of ["22", "23"]) {
    await made.call("/v1/bookings", { member_id, resource_id, starts_at: `2026-01-${day}T14:00`, ends_at: `2026-01-${day}T18:00` });
  }
  await withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/test-clock"));
    await page.getByRole("button", { name: /^To the 1st of next month/ }).click();
    await page.getByText("Arrived", { exact: true }).waitFor({ timeout: 90_000 });
  });
});
after(async () => {
  await coterie?.stop();
});

test("an operator tries a dearer plan and a cheaper room on January", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/plans"));
    await page.getByRole("link", { name: "What if", exact: true }).click();
    await page.locator("#field-plan_id").selectOption({ label: "Resident" });
    await fill(page, { month: "2026-01" });
    await axe(page);
    await page.getByRole("button", { name: "Write a draft" }).click();
    await page.getByText("Resident, next version").waitFor();
    await axe(page);
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await page.setViewportSize(DESK);
    await shot(page, "what-if-draft");
    await fill(page, { price: "340.00", month: "2026-09" });
    await page.getByRole("button", { name: "Price the month" }).click();
    await page.getByText("No day of that month has passed.").first().waitFor();
    assert.equal(await page.locator("#field-price").inputValue(), "340.00", "what was typed is there again");
    await axe(page);
    await fill(page, { month: "2026-01", rule_1_per_hour: "10.00" });
    await page.locator("#field-rule_1_what").selectOption({ index: 2 });
    await page.getByRole("button", { name: "Price the month" }).click();
    await page.getByText("The draft would have changed").waitFor();
    await page.getByText("How far to trust it").waitFor();
    await axe(page);
    await shot(page, "what-if");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await shot(page, "what-if-phone");
    await page.setViewportSize(DESK);
    await page.getByRole("table", { name: "All memberships" }).getByRole("link").first().click();
    await page.getByText("Line by line, net").waitFor();
    await axe(page);
    await shot(page, "what-if-why");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await shot(page, "what-if-why-phone");
  }, { expectedErrors: [/422/u] }));
