// Pages as people see them: at a desk and on a phone, and again until what they read has arrived.

import { axe, fitsWidth } from "./axe.mjs";
import { shot } from "./chromium.mjs";

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

/** Looks at a page as wide as a desk, then as narrow as a phone, and leaves it wide. */
export async function seen(page, name) {
  await axe(page);
  await fitsWidth(page);
  await shot(page, name);
  await page.setViewportSize(PHONE);
  await axe(page);
  await fitsWidth(page);
  await shot(page, `${name}-phone`);
  await page.setViewportSize(DESK);
}

/** Looks again while what the page reads is behind. */
export async function until(page, shown) {
  for (let tries = 0; tries < 40 && !(await shown.count()); tries += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  await shown.first().waitFor();
}
