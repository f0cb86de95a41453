// Somebody without an account finds a room that is open to visitors, holds it, pays on the hosted page and comes back to her
// booking; staff open a room, see her, and put members in line. Every page is held to WCAG by axe, at a desk and on a phone.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { width: 360, height: 740 };
let visit = "";
let coterie;
let made;
let booked;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  booked = await made.call("/v1/bookings", {
    member_id: made.member_id,
    resource_id: made.resource_id,
    starts_at: "2026-01-26T10:00",
    ends_at: "2026-01-26T12:00",
  });
});
after(async () => {
  await coterie?.stop();
});

const phone = async (page, name) => {
  await page.setViewportSize(PHONE);
  await fitsWidth(page);
  await shot(page, `${name}-360`);
  await page.setViewportSize({ width: 1280, height: 900 });
};

test("an operator opens a room to visitors", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/resources/${made.resource_id}`));
    await page.getByLabel("Visitors can book it without an account, and pay when they do").check();
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("This counts for bookings made from now on.").waitFor();
  }));

test("a stranger books it and pays by card", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.context().clearCookies();
    await page.goto(made.at("/"));
    await page.getByRole("link", { name: "Book a room" }).click();
    await axe(page);
    await shot(page, "visit-rooms");
    await phone(page, "visit-rooms");
    await page.getByRole("link", { name: "Elbe" }).click();
    await fill(page, { day: "2026-01-23" });
    await page.locator("#field-minutes").selectOption("120");
    await page.getByRole("button", { name: "Show free times" }).click();
    await axe(page);
    await shot(page, "visit-times");
    await page.getByRole("link", { name: "10:00", exact: true }).click();
    await page.getByText("EUR 47.60 with VAT").waitFor();
    await axe(page);
    await shot(page, "visit-price");
    await phone(page, "visit-price");
    await fill(page, { name: "Vera Visitor", email: "vera@example.com" });
    await page.getByRole("button", { name: "Hold it and pay" }).click();
    await page.getByRole("heading", { name: "Held for you" }).waitFor();
    await axe(page);
    await shot(page, "visit-held");
    await phone(page, "visit-held");
    const mine = page.url();
    await page.getByRole("link", { name: /^Pay EUR/ }).click();
    await page.getByRole("button", { name: "Pay with a card that is declined" }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: "Pay with a working card" }).click();
    await page.getByRole("heading", { name: "Booked" }).waitFor();
    assert.equal(page.url(), mine, "the hosted page leads back to her booking");
    await page.getByRole("heading", { name: "Giving it up" }).waitFor();
    await page.getByText("It costs nothing now").waitFor();
    visit = mine;
    await axe(page);
    await shot(page, "visit-booked");
    await phone(page, "visit-booked");
  }, { expectedErrors: [/422/] }));

test("staff see the visitor, and move and put in line by their pages", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/bookings?location=${made.location_id}&date=2026-01-23`));
    await page.getByText("Vera Visitor (visitor)").waitFor();
    await axe(page);
    await shot(page, "visit-in-the-list");
    await page.goto(made.at(`/operator/bookings/${booked.booking_id}/move`));
    await fill(page, { starts_at: "14:00", ends_at: "16:00" });
    await page.getByRole("button", { name: "Show the price" }).click();
    await page.getByRole("button", { name: "Move the booking" }).waitFor();
    await axe(page);
    await shot(page, "operator-move");
    await phone(page, "operator-move");
    await page.getByRole("button", { name: "Move the booking" }).click();
    await page.getByText("Moved.").waitFor();
    await page.goto(made.at("/operator/bookings/find?minutes=60&first_day=2026-01-27"));
    await axe(page);
    await shot(page, "operator-find");
    await phone(page, "operator-find");
    await page.goto(made.at("/operator/waitlist"));
    await fill(page, { member: "ada@example.com", date: "2026-01-23", starts_at: "10:00", ends_at: "12:00" });
    await page.locator("#field-resource").selectOption(made.resource_id);
    await page.getByRole("button", { name: "Put in line" }).click();
    await page.getByText("She is next").waitFor();
    await axe(page);
    await shot(page, "operator-waitlist");
    await phone(page, "operator-waitlist");
  }));

test("the visitor gives it up, and her money goes back", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await page.goto(visit);
    await page.getByRole("button", { name: "Give it up" }).click();
    await page.getByRole("heading", { name: "Cancelled" }).waitFor();
    await page.getByText(/to your card/).waitFor();
    await axe(page);
    await shot(page, "visit-given-up");
    await phone(page, "visit-given-up");
  }));
