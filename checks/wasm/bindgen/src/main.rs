//! `bindgen MODULE FOLDER`: writes the module and the JavaScript that loads it into the folder.

use std::env::args_os;
use std::error::Error;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let [module, folder] =
        args_os().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "two paths")?;
    // What pages load; Node loads it as well, given the module's octets.
    Bindgen::new()
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .input_path(module)
        .out_name("module")
        .generate(folder)?;
    Ok(())
}
