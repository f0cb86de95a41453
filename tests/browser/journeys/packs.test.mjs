// A house puts a pack of day passes on offer, a member buys it on her phone and staff sell her another. Every page is held to WCAG by axe.

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
});
after(async () => {
  await coterie?.stop();
});

test("a house puts a pack on offer", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/credit-packs"));
    await axe(page);
    await page.goto(made.at("/operator/credit-packs/new"));
    await page.locator("#field-holds").selectOption({ label: "Day passes" });
    await fill(page, { name: "5 day passes", amount: "5", price: "100.00", valid_for: "6 months", tax_category: "standard" });
    await page.getByLabel("Members buy it themselves").check();
    await axe(page);
    await page.getByRole("button", { name: "Define this pack" }).click();
    await page.getByText("The pack is defined.").waitFor();
    await axe(page);
    await shot(page, "operator-packs");
    await page.getByRole("link", { name: "5 day passes" }).click();
    await axe(page);
  }));

test("a member buys it on her phone", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE);
    await page.goto(made.at("/packs"));
    await axe(page);
    await fitsWidth(page);
    await shot(page, "packs");
    await page.getByRole("link", { name: "Buy 5 day passes" }).click();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "pack-offer");
    await page.getByRole("button", { name: "Buy the pack" }).click();
    await page.getByText("The pack is yours.").waitFor();
    await page.getByText("5 day passes of 5 day passes").first().waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "packs-hers");
    await page.goto(made.at("/"));
    await page.getByText("5 day passes left").waitFor();
    await axe(page);
  }));

test("staff sell her another", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/members"));
    await page.getByRole("link", { name: "Bea" }).first().click();
    await page.getByRole("link", { name: "Sell her a pack" }).click();
    await axe(page);
    const pack = page.locator("#field-credit_pack_id");
    await pack.selectOption({ label: await pack.locator("option", { hasText: "5 day passes" }).textContent() });
    await page.getByRole("button", { name: "Sell it" }).click();
    await page.getByText("The pack is hers.").waitFor();
    await axe(page);
    await shot(page, "operator-pack-sold");
  }));
