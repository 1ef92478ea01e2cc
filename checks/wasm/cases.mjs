// Runs every case of the module, in Node and in the page alike.

/** Runs step by step up to the first that fails: after a trap the module's memory is in no known state. */
export function run({ expected, name, run, steps }) {
    const written = [];
    const { error } = console;
    console.error = (...words) => written.push(words.join(" ")); // where the module says why it panicked
    let cases = 0;
    try {
        for (let step = 0; step < steps(); step++) {
            try {
                cases += run(step);
            } catch (trap) {
                return { failure: [name(step), ...written, trap].join("\n") };
            }
        }
    } finally {
        console.error = error;
    }
    if (cases !== expected()) {
        return { failure: `${cases} cases ran, and there are ${expected()}` };
    }
    return { cases };
}
