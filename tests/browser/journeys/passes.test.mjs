// A house says what it sells of day passes, a member buys the last one on her phone and gives it back, and staff see the day.
// Every page is held to WCAG by axe.

import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, colorScheme: "dark" };
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

test("a house says what it sells", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/locations/${made.location_id}`));
    await fill(page, { price: "25.00", capacity: "1", horizon_days: "30" });
    await page.getByRole("button", { name: "Change passes" }).click();
    await page.getByText("This counts for passes bought from now on.").waitFor();
    await axe(page);
    await page.goto(made.at("/operator"));
    await page.getByText("0 of 1", { exact: true }).waitFor();
    await axe(page);
    await shot(page, "today-passes");
  }));

test("a member buys the last pass and gives it back", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.setViewportSize(PHONE.viewport);
    await page.goto(made.at("/passes"));
    await axe(page);
    await fitsWidth(page);
    await shot(page, "passes");
    await page.getByRole("link", { name: "Buy for Fri 23 January 2026" }).click();
    await axe(page);
    await fitsWidth(page);
    await shot(page, "pass-offer");
    await page.getByRole("button", { name: "Buy the pass" }).click();
    await page.getByText("The pass for Fri 23 January 2026 is yours.").waitFor();
    await axe(page);
    await page.goto(made.at("/"));
    await page.getByText("Day passes").waitFor();
    await axe(page);
    await fitsWidth(page);
    await page.getByRole("link", { name: "Give back Fri 23 January 2026" }).click();
    await axe(page);
    await shot(page, "pass-back");
    await page.getByRole("button", { name: "Give it back" }).click();
    await page.getByText("Given back. Nothing is due.").waitFor();
    await axe(page);
  }));

test("staff sell one and see who comes", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/passes?location=${made.location_id}&date=2026-01-23`));
    await fill(page, { member: "ada@example.com" });
    await page.getByRole("button", { name: "Buy the pass" }).click();
    await page.getByText("The pass is bought.").waitFor();
    await page.getByText("1 of 1", { exact: true }).waitFor();
    await axe(page);
    await shot(page, "operator-passes");
    await page.getByRole("link", { name: "Give back" }).click();
    await axe(page);
  }));
