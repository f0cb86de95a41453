// A dearer evening is tried and published, the house closes for Christmas, and a member moves her booking into the evening at a
// price that she sees first. Every page is held to WCAG by axe, at a desk and on a phone in the dark.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark" };
let coterie;
let made;
let booking;
let bea;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
  const { member_id } = bea;
  booking = await made.call("/v1/bookings", {
    member_id,
    resource_id: made.resource_id,
    starts_at: "2026-01-23T09:00",
    ends_at: "2026-01-23T15:00",
  });
});
after(async () => {
  await coterie?.stop();
});

const priceForm = async (page) => {
  await page.goto(made.at("/operator/prices/new"));
  await page.locator("#field-resource_type_id").selectOption({ label: "Meeting room" });
  await fill(page, { per_hour: "30.00", from: "16:00", until: "20:00" });
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) await page.getByLabel(day).check();
};

test("a price for the evening is tried, then published", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await priceForm(page);
    await axe(page);
    await page.getByLabel("Only show what it would have meant").check();
    await page.getByRole("button", { name: "Publish price", exact: true }).click();
    await page.getByText("Nothing would have changed").waitFor();
    assert.equal(await page.locator("#field-per_hour").inputValue(), "30.00", "the form keeps what was typed");
    await axe(page);
    await shot(page, "price-preview");
    await page.getByLabel("Only show what it would have meant").uncheck();
    await page.getByRole("button", { name: "Publish price", exact: true }).click();
    await page.getByText("Mon–Fri, 16:00–20:00").waitFor();
    await axe(page);
    await shot(page, "prices");
  }));

test("the house closes for Christmas", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/locations"));
    await page.getByRole("link", { name: "Mitte", exact: true }).click();
    await fill(page, { first_day: "2026-12-24", last_day: "2026-12-26", reason: "Christmas" });
    await page.getByRole("button", { name: "Close on these days" }).click();
    await page.getByText("It is closed on these days.").waitFor();
    await axe(page);
    await shot(page, "location");
    await page.setViewportSize(PHONE.viewport);
    await fitsWidth(page);
    await page.goto(made.at(`/operator/bookings/new?location=${made.location_id}&date=2026-12-24`));
    await page.getByText("is closed on").waitFor();
  }));

test("a member moves her booking and sees the difference first", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE.viewport);
    await page.goto(made.at(`/bookings/${booking.booking_id}`));
    await page.getByRole("link", { name: "Move or extend it" }).click();
    await axe(page);
    await fill(page, { date: "2026-01-23", starts_at: "14:00", ends_at: "20:00" });
    await page.getByRole("button", { name: "Show the price" }).click();
    await page.getByText("EUR\u00a030.00 plus VAT instead of EUR\u00a020.00: EUR\u00a010.00 more").waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "move");
    await page.getByRole("button", { name: "Move the booking" }).click();
    await page.getByText("Moved.").waitFor();
    await page.getByText("14:00").first().waitFor();
    await axe(page);
    await shot(page, "moved");
  }));
