// A Coterie of its own for a test file: the real binary on free ports, with an empty installation.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const BINARY = process.env.COTERIE_BINARY ?? fileURLToPath(new URL("../../../target/debug/coterie", import.meta.url));
const ARGUMENTS = ["--empty", "--port", "0", "--test", "--json"];

/**
 * Starts Coterie on the PostgreSQL of DATABASE_URL and waits until it prints its addresses, one JSON object on a line
 * of standard output. Answers `{ addresses, log(), stop() }`; `log()` is what it wrote to standard error so far.
 */
export async function startCoterie({ args = [], env = {} } = {}) {
  assert.ok(process.env.DATABASE_URL, "DATABASE_URL is not set: run this through make test or infra/local/with-postgres.sh");
  const data = mkdtempSync(join(tmpdir(), "coterie-browser-"));
  const child = spawn(BINARY, ["demo", "--data", data, ...ARGUMENTS, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit").catch(() => undefined);
  let written = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (written += text));

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      child.kill("SIGINT");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(late);
    }
    rmSync(data, { recursive: true, force: true });
    return child.exitCode;
  };
  try {
    return { addresses: await announced(child), log: () => written, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${written}`);
  }
}

/** The first line of standard output that is a JSON object; refuses when the process ends or the time is over first. */
function announced(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("Coterie did not print its addresses in time")), START_LIMIT_MS);
    const settle = (act, value) => {
      clearTimeout(late);
      act(value);
    };
    child.once("error", (error) => settle(reject, error));
    child.once("exit", (code, signal) => settle(reject, new Error(`Coterie ended early (${signal ?? `code ${code}`})`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.startsWith("{")) settle(resolve, JSON.parse(line));
    });
  });
}
