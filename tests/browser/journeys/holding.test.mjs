// A room is held, waited for, offered and booked; another is asked for and given; a member scans the sign at the door; guests are
// invited. Every page is held to WCAG by axe, at a desk and on a phone.

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
let hall;
let taken;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
  const { resource_type_id, location_id, member_id, resource_id } = made;
  hall = (await made.call("/v1/resources", { resource_type_id, location_id, name: "Hall", capacity: 12 })).resource_id;
  taken = await made.call("/v1/bookings", {
    member_id,
    resource_id,
    starts_at: "2026-01-20T11:00",
    ends_at: "2026-01-20T12:00",
  });
});
after(async () => {
  await coterie?.stop();
});

const phone = async (page) => {
  await page.setViewportSize(PHONE);
  await fitsWidth(page);
  await page.setViewportSize({ width: 1280, height: 900 });
};

test("an operator says how rooms are booked", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/resources/${hall}`));
    await page.getByLabel("Members ask for it, staff say yes or no").check();
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("This counts for bookings made from now on.").waitFor();
    await page.goto(made.at(`/operator/resources/${made.resource_id}`));
    await fill(page, { no_show_fee: "15.00" });
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("A fee needs a time by which one has to check in.").first().waitFor();
    await fill(page, { check_in_minutes: "15" });
    await page.getByRole("button", { name: "Change", exact: true }).click();
    await page.getByText("This counts for bookings made from now on.").waitFor();
    const sign = page.getByAltText("QR code that leads to checking in for Elbe");
    assert.ok((await sign.boundingBox()).width > 100, "the sign is there to be printed");
    await axe(page);
    await shot(page, "resource-terms");
    await phone(page);
  }, { expectedErrors: [/422/] }));

test("what is taken is waited for, offered and booked", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    const asked = `location=${made.location_id}&resource=${made.resource_id}&date=2026-01-20&starts_at=11:00&ends_at=12:00`;
    await page.goto(made.at(`/bookings/new?${asked}`));
    await page.getByText("Elbe is already taken then.").first().waitFor();
    await axe(page);
    await shot(page, "taken");
    await page.getByRole("button", { name: "Wait for it" }).click();
    await page.getByText("You are next.").waitFor();
    await axe(page);
    await shot(page, "waiting");
    await made.call(`/v1/bookings/${taken.booking_id}/cancel`, {});
    await page.reload();
    await page.getByRole("link", { name: "See what is held for you" }).click();
    await page.getByText("It is held for you until 20 January, 11:00.").waitFor();
    await axe(page);
    await shot(page, "held");
    await page.getByRole("link", { name: "Book it" }).click();
    await page.getByText("Nothing to pay").waitFor();
    await axe(page);
    await phone(page);
    await page.getByRole("button", { name: "Book it" }).click();
    await page.getByText("Booked. It is yours.").waitFor();
    await page.getByText("Check in by 20 January, 11:15").waitFor();
    await fill(page, { name: "Grace", email: "nobody" });
    await page.getByRole("button", { name: "Invite" }).click();
    assert.equal(await page.locator("#field-name").inputValue(), "Grace", "the form keeps what was typed");
    await fill(page, { email: "grace@example.com" });
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByText("grace@example.com").waitFor();
    await axe(page);
    await shot(page, "guests");
    await phone(page);
  }, { expectedErrors: [/422/] }));

test("whoever stands at the door checks in by its sign", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/test-clock"));
    await fill(page, { date: "2026-01-20", time: "10:50" });
    await page.getByRole("button", { name: "Move the clock" }).click();
    await page.getByText("The clock is on its way.").waitFor();
    await page.getByText("Arrived", { exact: true }).waitFor();
    await page.goto(made.at(`/operator/resources/${made.resource_id}`));
    const sign = await page.locator("#sign-address").textContent();
    await bea.signIn(page, true);
    await page.goto(sign);
    await page.getByText("Your booking: Elbe").waitFor();
    await axe(page);
    await shot(page, "check-in");
    await phone(page);
    await page.getByRole("button", { name: "I am here" }).click();
    await page.getByText("You are checked in.").waitFor();
  }));

test("a hall is asked for and given", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page, true);
    const asked = `location=${made.location_id}&resource=${hall}&date=2026-01-22&starts_at=10:00&ends_at=11:00`;
    await page.goto(made.at(`/bookings/new?${asked}`));
    await axe(page);
    await page.getByRole("button", { name: "Ask for it" }).click();
    await page.getByText("The house was asked").first().waitFor();
    await made.signIn(page);
    await page.goto(made.at("/operator"));
    await page.getByText("Asked for, waiting for your answer").waitFor();
    await axe(page);
    await shot(page, "asked");
    await page.locator("table", { hasText: "Asked for, waiting" }).locator("a").first().click();
    await page.getByRole("button", { name: "Say no" }).click();
    await axe(page);
    await page.getByRole("button", { name: "Say yes" }).click();
    await page.getByText("It is booked, and she gets an email.").waitFor();
    await shot(page, "given");
    await phone(page);
  }, { expectedErrors: [/422/] }));
