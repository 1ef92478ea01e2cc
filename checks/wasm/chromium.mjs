// chromium.mjs FOLDER SECONDS: the cases in a page, by the module in the folder, which serves itself to a browser.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { report } from "./report.mjs";

const [folder, seconds] = process.argv.slice(2);
const here = import.meta.dirname;
const files = new Map([
    ["/", [`${here}/page.html`, "text/html"]],
    ["/cases.mjs", [`${here}/cases.mjs`, "text/javascript"]],
    ["/module.js", [`${folder}/module.js`, "text/javascript"]],
    ["/module_bg.wasm", [`${folder}/module_bg.wasm`, "application/wasm"]],
]);

let answered;
const answer = new Promise((resolve) => (answered = resolve));
const server = createServer(async (request, response) => {
    if (request.method === "POST" && request.url === "/result") {
        const result = JSON.parse(await text(request));
        response.end();
        answered(result);
    } else if (files.has(request.url)) {
        const [path, type] = files.get(request.url);
        response.writeHead(200, { "content-type": type }).end(readFileSync(path));
    } else {
        response.writeHead(404).end();
    }
});
await new Promise((resolve) => server.listen(0, "localhost", resolve));

const profile = mkdtempSync(join(tmpdir(), "strict-jose-wasm-"));
const browser = spawn("chromium", [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    `--user-data-dir=${profile}`,
    `http://localhost:${server.address().port}/`,
], { stdio: "ignore", detached: true }); // in a group of its own, with all that it starts
const ended = new Promise((resolve) => {
    browser.once("error", (error) => resolve({ failure: `${error}` }));
    browser.once("exit", (code) => resolve({ failure: `ended with ${code} before the page answered` }));
});
const timer = setTimeout(() => answered({ failure: `no answer within ${seconds} seconds` }), seconds * 1000);

report("Chromium", await Promise.race([answer, ended]));

clearTimeout(timer);
try {
    process.kill(-browser.pid, "SIGKILL");
} catch {
    // It has ended.
}
await ended;
server.closeAllConnections();
server.close();
try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
} catch (error) {
    console.error(`left behind: ${error.path}`); // the page has answered, and that is what counts
}
