// A member changes her plan at a price that is said first, pauses, and takes a notice back; staff agree on another price and
// let her end within the month. Every page is held to WCAG by axe.

import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, choose, fill, openHarbour } from "../lib/chain.mjs";
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
});
after(async () => {
  await coterie?.stop();
});

test("another plan is published with terms", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/plans/new"));
    await axe(page);
    await shot(page, "plan-terms");
    await fill(page, { name: "Team", price: "500.00", tax_category: "standard", set_up_fee: "0.00", notice_days: "14" });
    await page.getByRole("button", { name: "Publish plan" }).click();
    await page.getByText("The plan is on offer.").waitFor();
    await axe(page);
  }));

test("a member changes her plan, pauses and stays", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE);
    await page.goto(made.at("/"));
    await page.getByRole("link", { name: "Change, pause or leave" }).click();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "membership");
    await page.getByRole("link", { name: "Change the plan" }).click();
    await axe(page);
    await choose(page, "plan_version_id", "Team");
    await page.locator("#field-when").selectOption("now");
    await page.getByRole("button", { name: "Show what it costs" }).click();
    await page.getByText(/given back/u).first().waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "membership-plan");
    await page.getByRole("button", { name: /^Agree and pay/u }).click();
    await page.getByText(/Your plan is changed\./u).waitFor();
    await fill(page, { from: "2026-01-25", until: "2026-01-29" });
    await page.getByRole("button", { name: "Pause it" }).click();
    await page.getByText(/Your membership is paused\..*given back on your next invoice/u).waitFor();
    await axe(page);
    await page.getByRole("link", { name: "Give notice" }).click();
    await axe(page);
    await page.getByRole("button", { name: "Give notice" }).click();
    await page.getByText(/Your membership ends on/u).waitFor();
    await page.getByRole("link", { name: "Change, pause or leave" }).click();
    await page.getByRole("button", { name: "Take the notice back" }).click();
    await page.getByText("Good that you stay.").waitFor();
    await axe(page);
    await fitsWidth(page);
  }));

test("staff agree on a price and let it end within the month", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/members"));
    await page.getByRole("link", { name: "Bea" }).first().click();
    await page.getByRole("link", { name: "Team" }).first().click();
    await axe(page);
    await shot(page, "operator-membership");
    await page.locator("form[action$='/price'] [name=price]").fill("400.00");
    await page.locator("form[action$='/price'] [name=reason]").fill("Building works");
    await page.getByRole("button", { name: "Agree on this price" }).click();
    await page.getByText(/The price is agreed on\./u).waitFor();
    await axe(page);
    await page.locator("[name=last_day]").fill("2026-01-22");
    await page.getByRole("button", { name: "End it" }).click();
    await page.getByText(/The last day is .* given back on the next invoice/u).waitFor();
    await axe(page);
  }));
