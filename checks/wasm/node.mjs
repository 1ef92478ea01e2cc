// node.mjs FOLDER: the cases in Node, by the module in the folder.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { run } from "./cases.mjs";
import { report } from "./report.mjs";

const [folder] = process.argv.slice(2);
const module = await import(pathToFileURL(`${folder}/module.js`));
module.initSync({ module: readFileSync(`${folder}/module_bg.wasm`) });
report("Node", run(module));
