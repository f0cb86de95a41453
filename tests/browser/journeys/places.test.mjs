// A floor gets its plan, which tries to attack, and a room its place and its photo; a desk becomes a member's own. She finds the
// room on the plan, at a desk and on a phone in the dark, and nothing of the attack runs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PHONE = { width: 360, height: 740 };
const PLAN = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 240" onload="window.attacked = true">
  <script>window.attacked = true</script>
  <g fill="#fff" stroke="#888" stroke-width="3"><rect x="4" y="4" width="392" height="232"/><rect x="4" y="4" width="150" height="110"/>
  <rect x="4" y="114" width="150" height="122"/><path d="M154 170 h242"/></g>
  <text x="20" y="30" font-size="14">Elbe</text><foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="window.attacked = true"/></foreignObject>
</svg>`;
let coterie;
let made;
let bea;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
  const { resource_type_id, location_id } = made;
  await made.call("/v1/resources", { resource_type_id, location_id, name: "Office 3", capacity: 4 });
});
after(async () => {
  await coterie?.stop();
});

test("a floor gets a plan, a room its place and photo, an office its owner", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    // Control: as it is, the drawing does attack.
    await page.setContent(PLAN);
    await page.waitForFunction(() => window.attacked === true);
    await made.signIn(page);
    await page.goto(made.at(`/operator/locations/${made.location_id}`));
    await fill(page, { amenities: "Showers, kitchen" });
    await page.getByRole("button", { name: "Change what it has" }).click();
    await page.getByText("Members read it where they book.").first().waitFor();
    await fill(page, { name: "First floor", level: "1" });
    await page.getByRole("button", { name: "Add a floor" }).click();
    await page.getByText("The floor is there.").waitFor();
    await axe(page);
    await page.locator("#field-plan").setInputFiles({ name: "plan.svg", mimeType: "image/svg+xml", buffer: Buffer.from(PLAN) });
    await page.getByRole("button", { name: "Take this plan" }).click();
    await page.getByText("Members see this plan from now on.").waitFor();
    await page.goto(made.at(`/operator/resources/${made.resource_id}`));
    await page.locator("#field-floor_id").selectOption({ label: "First floor" });
    await fill(page, { x_percent: "20", y_percent: "30" });
    await page.getByRole("button", { name: "Put it there" }).click();
    await page.getByText("Its place was changed.").waitFor();
    const buffer = await page.screenshot({ clip: { x: 0, y: 0, width: 640, height: 400 } });
    await page.locator("#field-image").setInputFiles({ name: "elbe.png", mimeType: "image/png", buffer });
    await fill(page, { alt: "A long table for eight" });
    await page.getByRole("button", { name: "Add the photo" }).click();
    await page.getByText("Members see the photo from now on.").waitFor();
    await page.getByAltText("A long table for eight").waitFor();
    await axe(page);
    await shot(page, "places-room");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(made.at("/operator/resources"));
    await page.getByRole("link", { name: "Office 3", exact: true }).click();
    await fill(page, { member: "bea@example.com", assigned_from: "2026-01-20" });
    await page.getByRole("button", { name: "Assign it" }).click();
    await page.getByText("It is hers on these days.").waitFor();
    await page.getByText("from Tue 20 Jan 2026 on").waitFor();
    await axe(page);
    await page.goto(made.at(`/operator/members/${bea.member_id}`));
    await page.getByText("Office 3, Mitte").waitFor();
    await axe(page);
  }));

test("a member finds the room on the plan, and nothing of the attack runs", { timeout: 120_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.goto(made.at("/"));
    await page.getByText("Office 3 at Mitte, from 20 January 2026 on").waitFor();
    await axe(page);
    await page.goto(made.at("/bookings/new?date=2026-01-22"));
    await page.getByText("The house has kitchen, showers.").waitFor();
    await page.getByRole("link", { name: "First floor" }).click();
    await page.getByRole("link", { name: "1: Elbe" }).waitFor();
    await page.waitForLoadState("networkidle");
    await axe(page);
    await shot(page, "places-floor");
    const plan = await page.locator("figure image").getAttribute("href");
    await page.setViewportSize(PHONE);
    await fitsWidth(page);
    await shot(page, "places-floor-phone");
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole("link", { name: "1: Elbe" }).click();
    await page.getByAltText("A long table for eight").waitFor();
    await axe(page);
    await shot(page, "places-day");
    const answer = await page.goto(made.at(plan));
    assert.equal(answer.headers()["content-type"], "image/svg+xml");
    assert.equal(await page.evaluate(() => document.documentElement.localName), "svg");
    assert.equal(await page.evaluate(() => window.attacked), undefined);
    assert.equal(await page.evaluate(() => document.querySelectorAll("script, foreignObject, [onload]").length), 0);
  }));
