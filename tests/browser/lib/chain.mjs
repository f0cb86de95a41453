// A sandbox chain as journeys find it: opened by the pages, set up by its API, and its owner signed in.

import assert from "node:assert/strict";
import { withPage } from "./chromium.mjs";

const PASSWORD = "correct horse battery";

/** Fills a form's fields by their names. */
export async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#field-${name}`).fill(value);
}

/** Chooses what a list has some words of, whatever it says around them. */
export async function choose(page, field, words) {
  const option = page.locator(`#field-${field} option`).filter({ hasText: words }).first();
  await page.locator(`#field-${field}`).selectOption(await option.getAttribute("value"));
}

/**
 * Opens "Harbour Works" with one member, whose first days are invoiced and who booked and cancelled a room. Its clock stands
 * on 20 January 2026, nine o'clock.
 */
export async function openHarbour(coterie) {
  const chain = new URL(coterie.addresses.platform_url);
  chain.hostname = `harbour.${chain.hostname}`;
  const at = (path) => new URL(path, chain).href;
  const signIn = async (page, email = "olive@harbour.example", password = PASSWORD) => {
    // Whoever was signed in before is not asked.
    await page.context().clearCookies();
    await page.goto(at("/sign-in"));
    await fill(page, { email, password });
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  };
  let key;
  await withPage(async (page) => {
    await page.goto(new URL("/organizations/new", coterie.addresses.platform_url).href);
    await fill(page, {
      name: "Harbour Works",
      slug: "harbour",
      clock_starts_at: "2026-01-20T09:00",
      owner_name: "Olive Owner",
      owner_email: "olive@harbour.example",
      owner_password: PASSWORD,
    });
    await page.getByRole("button", { name: "Open the chain", exact: true }).click();
    await signIn(page);
    await page.goto(at("/operator/api-keys"));
    await page.locator("#field-role").selectOption("owner");
    await page.getByRole("button", { name: "Make key", exact: true }).click();
    key = await page.locator("#api-key").textContent();
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const call = async (path, body) => {
    const answer = await fetch(new URL(path, coterie.addresses.platform_url), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    assert.ok(answer.ok, `${path}: ${JSON.stringify(said)}`);
    return said;
  };
  const address = { street: "Kaistr. 1", postcode: "10115", city: "Berlin", country: "DE" };
  const { legal_entity_id } = await call("/v1/legal_entities", {
    name: "Harbour Works GmbH",
    address,
    tax_id: "DE123456788",
    currency: "EUR",
    time_zone: "Europe/Berlin",
    invoice_series: "BER",
  });
  await call("/v1/tax_rates", { country: "DE", category: "standard", rate_percent: "19", effective_from: "2007-01-01" });
  const { location_id } = await call("/v1/locations", {
    legal_entity_id,
    name: "Mitte",
    address,
    time_zone: "Europe/Berlin",
    opening_hours: "Mon-Sun 07:00-22:00",
  });
  const { resource_type_id } = await call("/v1/resource_types", { name: "Meeting room", tax_category: "standard" });
  await call("/v1/price_rules", { resource_type_id, per_hour: { minor: 2000, currency: "EUR" } });
  const { resource_id } = await call("/v1/resources", { resource_type_id, location_id, name: "Elbe", capacity: 8 });
  const { plan_version_id } = await call("/v1/plans", {
    name: "Resident",
    legal_entity_id,
    price: { minor: 30000, currency: "EUR" },
    billing_day: 1,
    tax_category: "standard",
    allowances: [{ resource_type_id, minutes: 300 }],
  });
  const { member_id } = await call("/v1/members", { external_id: "ada", name: "Ada Member", email: "ada@example.com" });
  await call("/v1/memberships", { member_id, plan_version_id, location_id, without_card: true });
  const { booking_id } = await call("/v1/bookings", {
    member_id,
    resource_id,
    starts_at: "2026-01-22T10:00",
    ends_at: "2026-01-22T12:00",
  });
  await call(`/v1/bookings/${booking_id}/cancel`, {});
  return { at, signIn, call, headers, member_id, booking_id, resource_id, resource_type_id, location_id, plan_version_id };
}

/**
 * Brings Bea in by the operator's page and subscribes her; answers her id and how she signs in, which sets her password
 * by the link that the page shows.
 */
export async function bringBeaIn(made) {
  const password = "correct horse battery of hers";
  let member_id;
  let password_link;
  await withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/operator/members/new"));
    await fill(page, { name: "Bea Baker", email: "bea@example.com" });
    await page.getByRole("button", { name: "Add member", exact: true }).click();
    password_link = await page.locator("code").textContent();
    const href = await page.getByRole("link", { name: "Continue", exact: true }).getAttribute("href");
    member_id = href.split("/").pop();
  });
  const { plan_version_id, location_id } = made;
  await made.call("/v1/memberships", { member_id, plan_version_id, location_id, without_card: true });
  // The link works once: whoever comes again has her password.
  const signIn = async (page, again = false) => {
    if (!again) {
      await page.goto(password_link);
      await fill(page, { password });
      await page.getByRole("button", { name: "Set password", exact: true }).click();
    }
    await made.signIn(page, "bea@example.com", password);
  };
  return { member_id, signIn };
}
