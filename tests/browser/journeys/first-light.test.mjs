// The first journey in a browser: a chain opens, a member books and pays, finance sees balanced books. Every page that is
// passed is held to WCAG 2 A and AA by axe.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, fitsWidth } from "../lib/axe.mjs";
import { shot, withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";

const PASSWORD = "correct horse battery";
const CLOCK_LIMIT_MS = 120_000;
let coterie;

before(async () => {
  coterie = await startCoterie();
});
after(async () => {
  await coterie?.stop();
});

/** Fills a form by its fields' names and presses its button; that they are labelled is axe's to judge. */
async function fill(page, fields, button) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`#field-${name}`);
    const tag = await field.evaluate((element) => element.tagName);
    if (tag === "SELECT") {
      const option = field.locator("option", { hasText: value }).first();
      await field.selectOption(await option.getAttribute("value"));
    } else {
      await field.fill(value);
    }
  }
  await page.getByRole("button", { name: button, exact: true }).click();
}

/** The page shows a sentence; and it is a page that everybody can use. */
async function shows(page, ...texts) {
  for (const text of texts) {
    await page.locator("main", { hasText: text }).waitFor();
  }
  await axe(page);
}

/** Agrees to what is shown, and waits until it is done: whoever goes elsewhere at once takes the form back. */
async function agrees(page) {
  await page.getByRole("button", { name: /^Agree and pay/ }).click();
  await page.getByText("Your membership has begun.").waitFor();
}

/** The link of a member's confirmation letter, from the page of received mail. */
async function confirmationLink(inbox, email) {
  for (let tries = 0; tries < 200; tries += 1) {
    const list = await (await fetch(inbox)).text();
    for (const [, path] of list.matchAll(/href="(\/\d+)"/g)) {
      const letter = await (await fetch(new URL(path, inbox))).text();
      const link = letter.match(/https?:\/\/[^\s"<]*\/confirm-email\/[\w-]+/);
      if (link && letter.includes(email)) return link[0];
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no confirmation for ${email} at ${inbox}`);
}

test("a chain opens, a member books and pays, finance sees balanced books", { timeout: 300_000 }, async () => {
  const { platform_url: platform, inbox_url: inbox } = coterie.addresses;
  const chain = new URL(platform);
  chain.hostname = `harbour.${chain.hostname}`;
  const at = (path) => new URL(path, chain).href;

  await withPage(async (page) => {
    // 1. An operator opens a chain and sets it up.
    await page.goto(new URL("/organizations/new", platform).href);
    await axe(page);
    await fill(
      page,
      {
        name: "Harbour Works",
        slug: "harbour",
        clock_starts_at: "2026-01-20T09:00",
        owner_name: "Olive Owner",
        owner_email: "olive@harbour.example",
        owner_password: PASSWORD,
      },
      "Open the chain",
    );
    await page.waitForURL(at("/sign-in"));
    await axe(page);
    await fill(page, { email: "olive@harbour.example", password: PASSWORD }, "Sign in");
    await axe(page);
    await shot(page, "operator-first");
    await setsUp(page, at);
    await shot(page, "operator-plans");
  });

  // 2. A member signs up, confirms, saves a card, and agrees to what she is shown.
  await withPage(async (page) => {
    await joins(page, at, inbox, "Ada Member", "ada@example.com");
    await shows(page, "116.13", "22.06", "138.19");
    await shot(page, "quote");
    await fitsWidth(page, 360);
    await agrees(page);
    await page.goto(at("/invoices"));
    await shows(page, "BER-000001", "138.19");

    // 3. She books two hours, then four, on the day grid.
    await books(page, at, "10:00", "12:00");
    await shows(page, "Elbe");
    await books(page, at, "13:00", "17:00");
    await shows(page, "20.00", "3 h from the allowance, 1 h charged");
    await shot(page, "booking");
  });
  await withPage(
    async (page) => {
      await joins(page, at, inbox, "Ben Member", "ben@example.com");
      await agrees(page);
      await books(page, at, "13:00", "17:00");
      await shows(page, "taken", "17:00");
      await shot(page, "slot-taken");
    },
    { expectedErrors: [/409/] },
  );

  // 4. The clock moves to 1 February; 5. finance follows the money.
  await withPage(async (page) => {
    await page.goto(at("/sign-in"));
    await fill(page, { email: "olive@harbour.example", password: PASSWORD }, "Sign in");
    await page.goto(at("/operator/test-clock"));
    await axe(page);
    await page.getByRole("button", { name: /^To the 1st of next month/ }).click();
    await page.getByText("The clock is on its way.").waitFor();
    // The badge itself: while it moves the page says "until the clock has arrived".
    await page.getByText("Arrived", { exact: true }).waitFor({ timeout: CLOCK_LIMIT_MS });
    await shows(page, "1 Feb 2026");
    await page.goto(at("/finance/invoices"));
    await shows(page, "BER-000003", "380.80", "138.19");
    await page.locator("tr", { hasText: "380.80" }).getByRole("link").first().click();
    await shows(page, "320.00", "60.80", "380.80");
    await shot(page, "finance-invoice");
    await page.locator("tr", { hasText: "20.00" }).getByRole("link").first().click();
    await shows(page, "Booking confirmed", "Charge made");
    await shot(page, "finance-line");
    await page.goto(at("/finance/journal"));
    await shows(page, "Accounts receivable", "Stripe balance");
    await shot(page, "finance-journal");
    await page.goto(at("/finance/trial-balance"));
    await shows(page, "Accounts receivable");
  });

  const receipts = [...(await (await fetch(inbox)).text()).matchAll(/Payment received for invoice (BER-\d+)/g)].map(([, number]) => number);
  assert.deepEqual([...new Set(receipts)].sort(), receipts.sort(), "each receipt once");
  assert.equal(receipts.length, 4);
});

/** The set-up, form by form. */
async function setsUp(page, at) {
  const add = async (path, fields, button, then) => {
    await page.goto(at(path));
    await axe(page);
    await fill(page, fields, button);
    await shows(page, then);
  };
  await add(
    "/operator/legal-entities/new",
    {
      name: "Harbour Works GmbH",
      street: "Kaistr. 1",
      postcode: "10115",
      city: "Berlin",
      country: "DE",
      tax_id: "DE123456788",
      currency: "EUR",
      time_zone: "Europe/Berlin",
      invoice_series: "BER",
      payment_terms_days: "14",
    },
    "Create legal entity",
    "Harbour Works GmbH",
  );
  await add(
    "/operator/locations/new",
    {
      name: "Mitte",
      street: "Torstr. 1",
      postcode: "10119",
      city: "Berlin",
      country: "DE",
      time_zone: "Europe/Berlin",
      opening_hours: "Mon-Fri 08:00-20:00; Sat 09:00-18:00",
    },
    "Open location",
    "Mitte",
  );
  await add("/operator/tax-rates/new", { country: "DE", category: "standard", rate_percent: "19", effective_from: "2007-01-01" }, "Set rate", "19");
  await add("/operator/resource-types/new", { name: "Meeting room", tax_category: "standard" }, "Create type", "Meeting room");
  await add("/operator/prices/new", { resource_type_id: "Meeting room", per_hour: "20.00" }, "Publish price", "20.00");
  for (const room of ["Elbe", "Spree"]) {
    await add("/operator/resources/new", { name: room, resource_type_id: "Meeting room", capacity: "8" }, "Add", room);
  }
  await add(
    "/operator/plans/new",
    { name: "Resident", price: "300.00", tax_category: "standard", allowance_type_1: "Meeting room", allowance_hours_1: "5" },
    "Publish plan",
    "Resident",
  );
}

/** From a stranger to the quote of the one plan there is. */
async function joins(page, at, inbox, name, email) {
  await page.goto(at("/"));
  await shows(page, "Resident");
  await page.goto(at("/sign-up"));
  await axe(page);
  await fill(page, { name, email, password: PASSWORD }, "Sign up");
  await page.goto(await confirmationLink(inbox, email));
  await page.goto(at("/card"));
  await axe(page);
  await page.getByRole("button", { name: /^Save a card/ }).first().click();
  await page.getByRole("link", { name: "Continue to the card page" }).click();
  await axe(page);
  await page.getByRole("button", { name: "Save a working card" }).click();
  await page.waitForURL((url) => url.host === new URL(at("/")).host);
  await shows(page, "4242");
  await page.goto(at("/plans"));
  await axe(page);
  await page.locator("main").getByRole("link", { name: /Resident|price|choose/i }).first().click();
}

/** A booking by the day grid: the free cell of the room, then the form. */
async function books(page, at, from, to) {
  await page.goto(at("/bookings/new?date=2026-01-22"));
  await axe(page);
  await page.getByRole("link", { name: new RegExp(`Elbe, (08:00|${from})`) }).first().click();
  await fill(page, { starts_at: from, ends_at: to }, "Book");
}
