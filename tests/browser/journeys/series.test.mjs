// Two rooms become a hall that is painted for a day; a member finds a free time, books it week after week without the day of
// the painting, and gives the rest up again. Every page is held to WCAG by axe, at a desk and on a phone in the dark.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { width: 360, height: 740 };
let coterie;
let made;
let bea;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
  const { resource_type_id, location_id } = made;
  for (const [name, capacity] of [["Spree", 4], ["Hall", 12]]) {
    await made.call("/v1/resources", { resource_type_id, location_id, name, capacity });
  }
});
after(async () => {
  await coterie?.stop();
});

test("two rooms become a hall, and the hall is painted", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/resources"));
    await page.getByRole("link", { name: "Hall", exact: true }).click();
    await axe(page);
    await page.getByLabel("Elbe").check();
    await page.getByLabel("Spree").check();
    await fill(page, { amenities: "Projector, stage", horizon_days: "9999" });
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("Please give 1 to 730 days.").first().waitFor();
    assert.equal(await page.locator("#field-amenities").inputValue(), "Projector, stage", "the form keeps what was typed");
    assert.ok(await page.getByLabel("Spree").isChecked());
    await axe(page);
    await fill(page, { horizon_days: "120" });
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("This counts for bookings made from now on.").waitFor();
    await fill(page, { first_day: "2026-02-03", last_day: "2026-02-04", reason: "Painting" });
    await page.getByRole("button", { name: "Take it out of service" }).click();
    await page.getByText("Nobody can book it in this time.").waitFor();
    await axe(page);
    await shot(page, "resource");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
  }, { expectedErrors: [/422/] }));

test("a member finds a free time and books it again and again", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.goto(made.at("/bookings/find"));
    await axe(page);
    await fill(page, { first_day: "2026-01-27", minutes: "120", from: "10:00", until: "14:00", people: "10" });
    await page.getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("10:00 to 12:00").waitFor();
    await axe(page);
    await shot(page, "find");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.locator("table a").first().click();
    await page.locator("#field-repeat").selectOption({ label: "Every week" });
    await fill(page, { repeat_until: "2026-02-10" });
    await page.getByRole("button", { name: "Show the price" }).click();
    await page.getByText("1 of the 3 times cannot be booked").first().waitFor();
    await page.getByRole("button", { name: "Book", exact: true }).click();
    await page.getByLabel("Leave out the times that cannot be booked").check();
    await axe(page);
    await shot(page, "series-refused");
    await page.getByRole("button", { name: "Show the price" }).click();
    await page.getByText("2 bookings: 27 Jan, 10 Feb").waitFor();
    await page.getByRole("button", { name: "Book", exact: true }).click();
    await page.getByText("2 bookings are yours.").waitFor();
    await page.getByText("Hall is out of service then: Painting.").waitFor();
    await axe(page);
    await shot(page, "series");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await page.locator("table a").last().click();
    await page.getByRole("link", { name: "Its series" }).click();
    await fill(page, { from: "2026-02-01" });
    await page.getByRole("button", { name: "Cancel these bookings" }).click();
    await page.getByText("One booking is cancelled.").waitFor();
    await axe(page);
  }, { expectedErrors: [/409/] }));
