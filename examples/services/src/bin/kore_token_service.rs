//! Runs `strict_jose_services::kore_token_service` with settings from the environment.

use std::error::Error;
use strict_jose_services::config::Settings;
use strict_jose_services::kore_token_service::{Config, routes};
use strict_jose_services::serve::run;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::read(&Settings::new(&|name| std::env::var(name).ok()))?;
    run("kore_token_service", routes(config), async {}).await?;
    Ok(())
}
