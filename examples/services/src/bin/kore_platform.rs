//! Runs `strict_jose_services::kore_platform` with settings from the environment.

use std::error::Error;
use strict_jose_services::config::Settings;
use strict_jose_services::kore_platform::{Config, routes};
use strict_jose_services::serve::run;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::read(&Settings::new(&|name| std::env::var(name).ok()))?;
    let sessions = config.sessions();
    run("kore_platform", routes(config), async move { sessions.close_sockets().await }).await?;
    Ok(())
}
