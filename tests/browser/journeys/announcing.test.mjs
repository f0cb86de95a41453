// An operator publishes a dearer version of a plan and announces it: she sees who moves before anybody is told, then how far it is; a
// member reads it on the page of her membership and leaves on the day before. Every page is held to WCAG by axe.

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

test("an operator announces a dearer version", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/price-changes/new"));
    await page.getByText("Nothing to announce").waitFor();
    await axe(page);
    await page.goto(made.at("/operator/plans"));
    await page.getByRole("link", { name: "Resident" }).click();
    await fill(page, { price: "333.00" });
    await page.getByRole("button", { name: /Publish/u }).click();
    await page.getByText("The new version is on offer.").waitFor();
    await axe(page);
    await page.getByRole("link", { name: "Announce it to members" }).click();
    await axe(page);
    await shot(page, "price-change-new");
    await fill(page, { effective_from: "2026-03-01" });
    await page.getByRole("button", { name: "Show who would move" }).click();
    await page.getByText("EUR 666.00 instead of EUR 600.00").waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "price-change-preview");
    await fill(page, { message: "The rent went up." });
    await page.getByRole("button", { name: "Announce it to 2 memberships" }).click();
    await page.getByText("It is announced.").waitFor();
    // The worker tells them meanwhile.
    for (let tries = 0; tries < 50; tries += 1) {
      if ((await page.getByText("2 of 2").count()) > 0) break;
      await page.waitForTimeout(200);
      await page.reload();
    }
    await page.getByText("2 of 2").waitFor();
    await axe(page);
    await shot(page, "price-change");
    await page.getByRole("button", { name: "Call it off" }).click();
    await page.getByText("2 memberships were told of it").waitFor();
    await axe(page);
    await page.goto(made.at("/operator/price-changes"));
    await page.getByRole("link", { name: "Resident version 2" }).waitFor();
    await axe(page);
  }));

test("a member reads it and leaves on the day before", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE);
    await page.goto(made.at("/"));
    await page.getByRole("link", { name: "Change, pause or leave" }).click();
    await page.getByRole("heading", { name: /Another price from/u }).waitFor();
    await page.getByText("The rent went up.").waitFor();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "membership-announced");
    await page.getByRole("link", { name: "Give notice" }).first().click();
    await axe(page);
    await page.getByRole("button", { name: "Give notice" }).click();
    await page.getByText(/Your membership ends on/u).waitFor();
    await axe(page);
  }));
