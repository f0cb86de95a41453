// A chain sells seats to a company, a locker beside a plan, a coupon, a plan with a deposit, and taxes a company by choice; the company's
// manager gives a seat and takes it. Every page is held to WCAG by axe and seen as wide as a desk and as narrow as a phone.

import { after, before, test } from "node:test";
import { bringBeaIn, choose, fill, openHarbour } from "../lib/chain.mjs";
import { withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";
import { seen, until } from "../lib/seen.mjs";

let coterie;
let made;
let bea;
let company;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
});
after(async () => {
  await coterie?.stop();
});

test("a company is registered, and whoever manages it said", { timeout: 180_000 }, () =>
  withPage(
    async (page) => {
      await made.signIn(page);
      await page.goto(made.at("/operator/companies/new"));
      await seen(page, "teams-company-new");
      await fill(page, { name: "Tide Ltd", billing_email: "books@tide.example", tax_id: "DE123456789" });
      await page.getByRole("button", { name: "Register company" }).click();
      await page.getByText(/check digit/u).first().waitFor();
      await seen(page, "teams-company-refused");
      await fill(page, { street: "Ebbe 1", postcode: "10115", city: "Berlin", country: "DE", tax_id: "DE136695976" });
      await page.getByRole("button", { name: "Register company" }).click();
      await page.getByText("The company is registered.").waitFor();
      company = new URL(page.url()).pathname.split("/").pop();
      await made.call(`/v1/companies/${company}/members`, { member_id: made.member_id });
      await made.call(`/v1/companies/${company}/members`, { member_id: bea.member_id });
      await until(page, page.getByRole("link", { name: "Bea Baker" }));
      await page.locator("#field-manager").selectOption({ label: "Bea Baker" });
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Saved.").waitFor();
      await seen(page, "teams-company");
    },
    { expectedErrors: [/422/u] },
  ));

test("its tax is chosen", { timeout: 180_000 }, () =>
  withPage(
    async (page) => {
      await made.signIn(page);
      await page.goto(made.at(`/operator/companies/${company}/tax`));
      await seen(page, "teams-tax");
      await page.locator("#field-treatment").selectOption("exempt");
      await page.getByRole("button", { name: "Choose it" }).click();
      await page.getByText(/provision/iu).first().waitFor();
      await seen(page, "teams-tax-refused");
      await fill(page, { reason: "Article 132(1)(i)", code: "VATEX-EU-132", from: "2026-03-01" });
      await page.getByRole("button", { name: "Choose it" }).click();
      await page.getByText("It is chosen.").waitFor();
      await page.goto(made.at(`/operator/companies/${company}/tax`));
      await page.getByRole("cell", { name: "Exempt" }).waitFor();
      await seen(page, "teams-tax-chosen");
    },
    { expectedErrors: [/4(09|22)/u] },
  ));

test("a plan with seats and a deposit, a locker and a coupon are on offer", { timeout: 180_000 }, () =>
  withPage(
    async (page) => {
      await made.signIn(page);
      await page.goto(made.at("/operator/plans/new"));
      await fill(page, { name: "Team", price: "500.00", tax_category: "standard", deposit: "1000.00", seats: "3" });
      await page.getByRole("button", { name: "Publish plan" }).click();
      await page.getByText("The plan is on offer.").waitFor();
      await page.goto(made.at("/operator/add-ons/new"));
      await seen(page, "teams-add-on-new");
      await fill(page, { name: "Locker", price: "15.00", cycle: "month", tax_category: "standard" });
      await page.locator("#field-self_service").check();
      await page.getByRole("button", { name: "Define this add-on" }).click();
      await page.getByText("The add-on is defined.").waitFor();
      await seen(page, "teams-add-ons");
      await page.goto(made.at("/operator/coupons/new"));
      await fill(page, { code: "SPRING", name: "Spring" });
      await page.getByRole("button", { name: "Make this coupon" }).click();
      await seen(page, "teams-coupon-refused");
      await fill(page, { percent: "20", cycles: "2" });
      await page.getByRole("button", { name: "Make this coupon" }).click();
      await page.getByText("The coupon is made.").waitFor();
      await seen(page, "teams-coupon");
      await page.goto(made.at("/operator/coupons"));
      await seen(page, "teams-coupons");
    },
    { expectedErrors: [/422/u] },
  ));

test("she takes the plan, the coupon and a locker, and the company pays", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await bea.signIn(page);
    await page.goto(made.at("/"));
    await page.getByRole("link", { name: "Change, pause or leave" }).click();
    await page.getByRole("link", { name: "Change the plan" }).click();
    await choose(page, "plan_version_id", "Team");
    await page.locator("#field-when").selectOption("now");
    await page.getByRole("button", { name: "Show what it costs" }).click();
    await page.getByRole("button", { name: /^Agree and pay/u }).click();
    await page.getByText(/Your plan is changed\./u).waitFor();
    await page.locator("form[action$='/coupons'] [name=coupon]").fill("spring");
    await page.locator("form[action$='/coupons'] button").click();
    await page.getByText(/SPRING|Spring/u).first().waitFor();
    await choose(page, "add_on_id", "Locker");
    await page.locator("form[action$='/add-ons'] button").first().click();
    await page.locator("form[action$='/add-ons/remove']").waitFor();
    await seen(page, "teams-membership");
    const membership_id = /memberships\/([0-9a-f-]+)/u.exec(await page.content())[1];
    await made.call(`/v1/memberships/${membership_id}/payer`, { company_id: company });
    await page.goto(made.at(`/companies/${company}`));
    await until(page, page.locator("#field-membership_id"));
    await seen(page, "teams-manager");
    await choose(page, "membership_id", "Team");
    await choose(page, "member_id", "Ada Member");
    await page.getByRole("button", { name: "Give the seat" }).click();
    await page.getByRole("link", { name: /Take/u }).first().waitFor();
    await seen(page, "teams-seats");
    await page.getByRole("link", { name: /Take/u }).first().click();
    await seen(page, "teams-seat-take");
    await page.goto(made.at(`/companies/${company}/billing`));
    await seen(page, "teams-company-billing");
  }));

test("staff see who has seats, what is split and what is held", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    const team = await made.call("/v1/members", { external_id: "cleo", name: "Cleo", email: "cleo@example.com" });
    const plans = await fetch(new URL("/v1/plans", coterie.addresses.platform_url), { headers: made.headers });
    const version = (await plans.json()).data.find((plan) => plan.name === "Team").plan_version_id;
    const { member_id } = team;
    const { location_id } = made;
    await made.call("/v1/memberships", { member_id, plan_version_id: version, location_id, without_card: true });
    await made.signIn(page);
    await page.goto(made.at(`/operator/members/${bea.member_id}`));
    await page.getByRole("link", { name: "Team" }).first().click();
    await seen(page, "teams-staff-membership");
    await page.goto(made.at("/finance/deposits"));
    await until(page, page.getByText("Cleo"));
    await seen(page, "teams-deposits");
    await page.getByRole("link", { name: "Cleo" }).first().click();
    await seen(page, "teams-deposit");
  }));
