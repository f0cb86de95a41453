// Usage comes in, something is charged beside a plan; finance looks at a run, approves and issues it, takes back a part of an
// invoice and invoices a payer who waits. Every page is held to WCAG by axe and seen as wide as a desk and as narrow as a phone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bringBeaIn, fill, openHarbour } from "../lib/chain.mjs";
import { withPage } from "../lib/chromium.mjs";
import { startCoterie } from "../lib/coterie.mjs";
import { seen, until } from "../lib/seen.mjs";

const USAGE = "event_id,meter,member,quantity,used_on\n";
let coterie;
let made;
let bea;

before(async () => {
  coterie = await startCoterie();
  made = await openHarbour(coterie);
  bea = await bringBeaIn(made);
  // Ada has no address, which a run tells; e-invoices need one.
  const address = { street: "Speicherstr. 2", postcode: "10115", city: "Berlin", country: "DE" };
  await made.call(`/v1/members/${bea.member_id}/billing`, { address });
});
after(async () => {
  await coterie?.stop();
});

/** Follows a link to a file, and answers its first bytes. */
async function download(page, label) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: label, exact: true }).click(),
  ]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

async function send(page, rows, mode) {
  await page.locator("#field-file").setInputFiles({ name: "usage.csv", mimeType: "text/csv", buffer: Buffer.from(USAGE + rows) });
  await page.locator("#field-mode").selectOption(mode);
  await page.getByRole("button", { name: "Send the file" }).click();
}

/** Charges a member for something by the form on her page. */
async function charge(page, member, what, price) {
  await page.goto(made.at(`/operator/members/${member}`));
  await page.getByRole("link", { name: "Charge her" }).click();
  await fill(page, { description: what, unit_price: price, tax_category: "standard" });
  await page.getByRole("button", { name: "Charge it" }).click();
  await page.getByText("It is charged.").waitFor();
}

test("a meter is defined and a file of usage is judged, then counted", { timeout: 180_000 }, () =>
  withPage(
    async (page) => {
      await made.signIn(page);
      await page.goto(made.at("/operator/meters/new"));
      await seen(page, "finance-meter-new");
      await fill(page, { name: "Pages printed", unit: "page", price: "0.035", tax_category: "standard" });
      await page.getByRole("button", { name: "Define meter" }).click();
      await page.getByText("The meter is defined.").waitFor();
      await seen(page, "finance-meters");
      await page.goto(made.at("/operator/usage"));
      await send(page, "p-1,Pages printed,ada@example.com,many,2026-01-20\np-2,Copies,nobody@example.com,2,2026-01-20\n", "count");
      await page.getByText(/faults\. Nothing was counted\./u).waitFor();
      await seen(page, "finance-usage-faults");
      await send(page, "p-1,Pages printed,ada@example.com,120,2026-01-20\np-2,Pages printed,bea@example.com,31,2026-01-20\n", "count");
      await page.getByText("2 counted, 0 were known already.").waitFor();
      await seen(page, "finance-usage");
    },
    { expectedErrors: [/422/u] },
  ));

test("somebody is charged beside her plan, and not", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at(`/operator/members/${made.member_id}/charges/new`));
    await seen(page, "finance-charge-new");
    await charge(page, made.member_id, "Lost key", "25.00");
    await charge(page, made.member_id, "Postbox for January", "12.50");
    await charge(page, bea.member_id, "Locker for January", "15.00");
    await page.goto(made.at(`/operator/members/${made.member_id}`));
    await seen(page, "finance-member-charges");
    await page.getByRole("row", { name: /Lost key/u }).getByRole("link", { name: "Take back" }).click();
    await seen(page, "finance-charge-void");
    await fill(page, { reason: "The key was found." });
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("The charge is taken back.").waitFor();
    await page.goto(made.at("/finance/charges"));
    await until(page, page.getByText("Postbox for January"));
    await seen(page, "finance-charges");
  }));

test("a run is looked at, approved and issued", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/finance/invoice-runs"));
    await seen(page, "finance-runs");
    await page.locator("#field-legal_entity_id").selectOption({ label: "Harbour Works GmbH" });
    await page.getByRole("button", { name: "Make the drafts" }).click();
    await page.getByText("These are its drafts.").waitFor();
    await seen(page, "finance-run");
    await page.getByRole("link", { name: "Bea Baker" }).click();
    await page.getByText("Locker for January").first().waitFor();
    await seen(page, "finance-draft");
    await page.getByRole("button", { name: "Leave out of this run" }).click();
    await page.getByText(/left out of this run\./u).waitFor();
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("The run is approved.").waitFor();
    await page.getByRole("button", { name: "Issue the invoices" }).click();
    await page.getByText("The invoices are being issued.").waitFor();
    await until(page, page.locator("h1 + p").getByText("Issued", { exact: true }));
    await seen(page, "finance-run-issued");
  }));

test("a payer who waits is invoiced outside of the run", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/finance/waiting"));
    await until(page, page.getByText("Bea Baker"));
    await seen(page, "finance-waiting");
    await page.getByRole("button", { name: "Invoice Bea Baker now" }).click();
    await page.getByText("The invoice is issued.").waitFor();
    await seen(page, "finance-invoice-now");
  }));

test("an invoice is downloaded and a part of it taken back", { timeout: 180_000 }, () =>
  withPage(async (page) => {
    await made.signIn(page);
    await page.goto(made.at("/finance/invoices"));
    await until(page, page.getByText("BER-000004"));
    await seen(page, "finance-invoices");
    await page.getByRole("link", { name: "BER-000004" }).first().click();
    await seen(page, "finance-invoice");
    const invoice = await download(page, "PDF");
    assert.equal(invoice.name, "BER-000004.pdf");
    assert.equal(invoice.bytes.subarray(0, 5).toString(), "%PDF-");
    assert.ok((await download(page, "Factur-X")).bytes.includes("factur-x.xml"));
    await page.getByRole("link", { name: "Credit it" }).click();
    await seen(page, "finance-credit");
    await page.locator("[name^=net_]").first().fill("2.50");
    await fill(page, { reason: "The locker was stuck for a week." });
    await page.getByRole("button", { name: "Issue the credit note" }).click();
    await page.getByText("The credit note is issued.").waitFor();
    await seen(page, "finance-credit-note");
    const note = await download(page, "PDF");
    assert.equal(note.name, "BER-C-000001.pdf");
    assert.equal(note.bytes.subarray(0, 5).toString(), "%PDF-");
    await page.goto(made.at("/finance/credit-notes"));
    await until(page, page.getByText("BER-C-000001"));
    await seen(page, "finance-credit-notes");
  }));
