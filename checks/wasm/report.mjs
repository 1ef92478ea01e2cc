// What came of the cases, for whoever reads the output and for the shell.
export function report(where, { cases, failure }) {
    if (failure === undefined) {
        console.log(`${where}: ${cases} cases`);
    } else {
        console.error(`${where}: ${failure}`);
        process.exitCode = 1;
    }
}
